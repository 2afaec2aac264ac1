/* The search from a folder: a browser starts no worker from `file:`, so it works in a frame of its own. The theme asks for
   a program of this name from another host; the name `IFrameWorker` tells the theme's worker where it is. */
if (location.protocol === "file:") {
  window.IFrameWorker = window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.frame.srcdoc = "<!doctype html>";
      const begun = new Promise((done) => this.frame.addEventListener("load", done, { once: true }));
      this.ready = begun.then(() => {
        const inside = this.frame.contentWindow;
        inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
        inside.importScripts = (...addresses) => this.load(addresses);
        return this.load([address]);
      });
      document.body.append(this.frame);
    }
    async load(addresses) {
      for (const src of addresses) {
        await new Promise((onload, onerror) => {
          const script = this.frame.contentDocument.createElement("script");
          this.frame.contentDocument.body.append(Object.assign(script, { src, onload, onerror }));
        });
      }
    }
    postMessage(data) {
      this.ready.then(() => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data })));
    }
  };
}
