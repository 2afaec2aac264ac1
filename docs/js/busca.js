/* The search reads `-x` as "without x" and each word as the beginning of others. Whoever types `--single-transaction` or
   "cópia de segurança" means neither: what the search reads of the box has no leading hyphens and no small words. */
(() => {
  const box = document.querySelector(".md-search__input");
  if (!box) return;
  box.closest("[role=dialog]")?.setAttribute("aria-label", box.placeholder); // the theme leaves it without a name
  const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  const small = /(^|\s)(?:a|ao|as|com|como|da|das|de|do|dos|e|em|é|na|nas|no|nos|não|nao|o|os|ou|para|por|que|se|um|uma|at|for|in|is|of|on|the|to)(?=\s)/gi;
  Object.defineProperty(box, "value", {
    get() {
      const typed = own.get.call(this).replace(/(^|\s)-+(?=\S)/g, "$1").replace(/[?!]/g, " ");
      return typed.replace(small, "$1").replace(small, "$1");
    },
    set(text) { own.set.call(this, text); },
  });

  /* A word that is in no page is asked for once more with one letter wrong: "bakup". Never a code, which has digits: the
     next code is another error. */
  const QUERY = 2, RESULT = 3; // of the theme's messages
  const asked = [];
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.type === QUERY) {
      if (!asked.heard) this.addEventListener("message", ({ data }) => data.type === RESULT && again(this, data.data.items.flat()));
      asked.heard = true;
      asked.push(message.data);
    }
    return post.call(this, message, ...rest);
  };
  function again(worker, found) {
    const query = asked.shift();
    if (!query || query.includes("~") || asked.length) return; // asked again already, or something newer is
    const known = word => found.some(({ terms }) => Object.keys(terms).some(term => terms[term] && term.startsWith(word.toLowerCase())));
    const words = query.trim().split(/\s+/);
    const other = words.map(word => /^\p{L}{4,}$/u.test(word) && !known(word) ? `${word}~1` : word);
    if (other.some((word, index) => word !== words[index])) worker.postMessage({ type: QUERY, data: other.join(" ") });
  }

  /* Where nothing is found, the two pages that begin with what one sees. */
  const doors = ["Deu errado", "Erros comuns"].map(name => [...document.querySelectorAll(".md-nav--primary a")].find(link => link.textContent.trim() === name));
  if (doors.includes(undefined)) return;
  const nothing = document.createElement("p");
  nothing.className = "nada-achado md-typeset";
  nothing.append("Procure pelo que você vê: ", ...doors.flatMap((door, index) => {
    const link = document.createElement("a");
    link.href = door.href;
    link.textContent = door.textContent.trim();
    return index ? [" ou ", link] : [link];
  }), ".");
  document.querySelector(".md-search-result").after(nothing);
})();
