/* Which database the reader has: chosen once, for all pages, until it is taken back. Until somebody chooses, and without
   this script, everything is shown; what is hidden is counted at the top of the page, with a button that shows it. */
(() => {
  const NAMES = { postgresql: "PostgreSQL", mysql: "MySQL" };
  const KEY = "banco";
  const root = document.documentElement;
  const article = document.querySelector("article") || document.body;
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const store = engine => { try { engine ? localStorage.setItem(KEY, engine) : localStorage.removeItem(KEY); } catch { /* private */ } };

  /* Prose has no mark of its own: an item that begins with the name of one database, and a part all of whose steps are of
     one and whose text does not name the other, go with them, in the table of contents too. */
  const other = engine => engine === "mysql" ? "postgresql" : "mysql";
  const mark = (elements, engine) => { for (const element of elements) element.classList.add(`so-${engine}`); };
  if (article.querySelector(".so-postgresql, .so-mysql")) {
    for (const item of article.querySelectorAll("li")) {
      const begun = /^(PostgreSQL|MySQL)( [\d.]+)?:/.exec(item.textContent.trim());
      if (begun) mark([item], begun[1].toLowerCase());
    }
    for (const heading of article.querySelectorAll("h3")) {
      const parts = [heading];
      for (let next = heading.nextElementSibling; next && !/^H[123]$/.test(next.tagName); next = next.nextElementSibling) parts.push(next);
      const steps = parts.flatMap(part => part.matches(".passo") ? [part] : [...part.querySelectorAll(".passo")]);
      const engine = Object.keys(NAMES).find(own => steps.length && steps.every(step => step.matches(`.so-${own}`)));
      if (!engine || parts.some(part => part.matches("h3, p, ul, ol") && part.textContent.includes(NAMES[other(engine)]))) continue;
      mark(parts, engine);
      mark([...document.querySelectorAll(`.md-nav__item > a[href="#${heading.id}"]`)].map(link => link.parentElement), engine);
    }
  }

  const group = document.createElement("div");
  group.className = "banco";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Mostrar os passos de qual banco de dados");
  const buttons = ["postgresql", "mysql", ""].map(engine => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = NAMES[engine] || "Os dois";
    button.addEventListener("click", () => choose(engine));
    group.append(button);
    return [engine, button];
  });
  const hidden = document.createElement("p");
  hidden.className = "ocultos";
  hidden.setAttribute("role", "status");

  function choose(engine) {
    store(engine);
    show(engine);
  }

  function show(engine) {
    root.dataset.banco = engine;
    for (const [own, button] of buttons) button.setAttribute("aria-pressed", String(own === engine));
    if (engine) for (const label of document.querySelectorAll(".tabbed-labels > label")) {
      if (label.textContent.trim() === NAMES[engine]) select(document.getElementById(label.htmlFor));
    }
    const rest = other(engine);
    const count = engine ? article.querySelectorAll(`.passo.so-${rest}`).length : 0;
    hidden.hidden = !count;
    hidden.textContent = count ? `${count} ${count > 1 ? "passos só do" : "passo só do"} ${NAMES[rest]} ${count > 1 ? "estão ocultos" : "está oculto"}. ` : "";
    if (count) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Mostrar";
      button.addEventListener("click", () => { choose(""); buttons[2][1].focus(); });
      hidden.append(button);
    }
  }

  function select(input) {
    if (!input || input.checked) return;
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* Where a link leads to has to be seen, whatever was chosen. */
  function reveal() {
    let name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch { /* not from here: there is no such step */ }
    const target = name && document.getElementById(name);
    if (!target) return;
    const step = /^(?:passo|oculto)-.*-(postgresql|mysql)$/.exec(target.id);
    const own = Object.keys(NAMES).find(engine => target.closest(`.so-${engine}`) || (step && step[1] === engine));
    if (own && root.dataset.banco && root.dataset.banco !== own) choose(own);
    const block = target.closest(".tabbed-block");
    if (block) select(block.closest(".tabbed-set").querySelectorAll(":scope > input")[[...block.parentElement.children].indexOf(block)]);
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView();
  }

  document.addEventListener("change", event => {
    const label = event.isTrusted && document.querySelector(`.tabbed-labels > label[for="${event.target.id}"]`);
    const engine = label && Object.keys(NAMES).find(name => NAMES[name] === label.textContent.trim());
    if (engine && root.dataset.banco) choose(engine);
  });
  window.addEventListener("hashchange", reveal);
  const wide = matchMedia("(min-width: 60em)");
  const place = () => {
    const header = wide.matches && document.querySelector(".md-header__inner");
    if (header) header.insertBefore(group, header.querySelector("form, label[for='__search']"));
    else article.prepend(group);
  };
  wide.addEventListener("change", place);
  place();
  (article.querySelector("h1") || article).after(hidden);
  const asked = new URLSearchParams(location.search).get("banco");
  if (asked in NAMES) store(asked);
  show(stored() in NAMES ? stored() : "");
  reveal();
})();
