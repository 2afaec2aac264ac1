/* The search reads `-x` as "without x" and each word as the beginning of others. Whoever types `--single-transaction` or
   "cópia de segurança" means neither: what the search reads of the box has no leading hyphens and no small words. */
(() => {
  const box = document.querySelector(".md-search__input");
  if (!box) return;
  box.closest("[role=dialog]")?.setAttribute("aria-label", box.placeholder); // the theme leaves it without a name
  const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
  const small = /(^|\s)(?:a|ao|as|com|como|da|das|de|do|dos|e|em|é|na|nas|no|nos|o|os|ou|para|por|que|se|um|uma)(?=\s)/gi;
  Object.defineProperty(box, "value", {
    get() {
      const typed = own.get.call(this).replace(/(^|\s)-+(?=\S)/g, "$1").replace(/[?!]/g, " ");
      return typed.replace(small, "$1").replace(small, "$1");
    },
    set(text) { own.set.call(this, text); },
  });
})();
