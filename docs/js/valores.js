/* The reader's own values of the parameters: typed once, kept in this browser alone, and put as `export` lines in front
   of the block that reads them, also in what is copied. The block that was executed stays as it is. */
(() => {
  const panel = document.querySelector(".valores");
  if (!panel) return;
  const fields = JSON.parse(panel.dataset.parametros);
  const blocks = [...document.querySelectorAll('[id^="passo-parametros"]')];
  if (!fields.length || !blocks.length) return;
  const both = document.querySelector(".so-postgresql, .so-mysql") !== null; // else nobody hides anything here
  const key = name => `valor:${name}`;
  const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;
  const forbidden = /[\u0000-\u001f\u007f]/;
  const database = /^[a-z_][a-z0-9_]{0,37}$/;
  // What `runbook run` refuses (values.py, target.py) is used here, as who types may know better, but not without a word.
  const misread = ({ name, default: usual }, value) => {
    if (!value) return "";
    if (value.startsWith("-")) return "começa por “-”, que um comando leria como opção; se for uma pasta, escreva “./” antes.";
    if (value.startsWith("~")) return "começa por “~”, que aqui não vira a sua pasta; escreva o caminho inteiro.";
    if (/^\d+$/.test(usual) && !/^[0-9]{1,9}$/.test(value)) return "não é um número inteiro.";
    if (name === "DB" && !database.test(value)) return "os comandos só sabem escrever nomes de banco de até 38 letras minúsculas sem acento, algarismos e “_”.";
    if (value !== value.trim()) return "há um espaço no começo ou no fim.";
    return value.length > 4096 ? "tem mais de 4096 caracteres." : "";
  };
  const read = name => { try { return localStorage.getItem(key(name)) ?? ""; } catch { return ""; } };
  const write = (name, value) => { try { value ? localStorage.setItem(key(name), value) : localStorage.removeItem(key(name)); } catch { /* private */ } };

  const fold = document.createElement("details");
  fold.innerHTML = "<summary>Use os seus valores nesta página</summary>";
  const form = document.createElement("form");
  form.addEventListener("submit", event => event.preventDefault());
  const notes = blocks.map(block => {
    const note = document.createElement("p");
    note.className = "valores-aviso";
    note.textContent = "Com valores seus: as linhas marcadas no começo deste bloco não foram executadas na verificação.";
    note.hidden = true;
    block.before(note);
    return note;
  });
  const inputs = fields.map(field => {
    const row = document.createElement("p");
    if (field.engine && both) row.className = `so-${field.engine}`;
    const label = document.createElement("label");
    const input = document.createElement("input");
    const error = document.createElement("span");
    input.type = "text";
    input.id = `valor-${field.name}`;
    input.autocomplete = "off";
    input.spellcheck = false;
    input.placeholder = field.default;
    label.htmlFor = input.id;
    label.append(`${field.name}: `, ...field.what.split("`").map((text, index) => {
      if (index % 2 === 0) return text;
      const code = document.createElement("code");
      code.textContent = text;
      return code;
    }));
    error.id = `${input.id}-erro`;
    error.className = "valores-erro";
    error.setAttribute("role", "alert");
    input.setAttribute("aria-describedby", error.id);
    input.value = read(field.name);
    const refuse = (event, given) => {
      if (!forbidden.test(given.getData("text"))) return;
      event.preventDefault();
      error.textContent = "O que você pôs aqui tem quebra de linha ou outro caractere de controle, e não foi usado.";
    };
    input.addEventListener("paste", event => refuse(event, event.clipboardData));
    input.addEventListener("drop", event => refuse(event, event.dataTransfer));
    const warn = () => {
      const problem = misread(field, input.value);
      error.textContent = problem && `Cuidado: ${problem}`;
    };
    warn();
    input.addEventListener("input", () => {
      warn();
      write(field.name, input.value);
      show();
    });
    row.append(label, input, error);
    form.append(row);
    return input;
  });
  const clear = document.createElement("button");
  clear.type = "button";
  clear.textContent = "Limpar os seus valores";
  clear.addEventListener("click", () => {
    for (const input of inputs) { input.value = ""; input.dispatchEvent(new Event("input")); }
  });
  const where = document.createElement("small");
  where.textContent = " Ficam só neste navegador. Senhas não: guarde-as no arquivo que a página diz.";
  form.append(clear, where);
  fold.append(form);
  panel.append(fold);

  function show() {
    for (const [index, block] of blocks.entries()) {
      const code = block.querySelector("code");
      code.querySelector(":scope > .seus-valores")?.remove();
      const lines = fields
        .map((field, number) => [field, inputs[number].value])
        .filter(([field, value]) => value && (!field.engine || block.id.endsWith(field.engine) || !/-(postgresql|mysql)$/.test(block.id)))
        .map(([field, value]) => `export ${field.name}=${quoted(value)}\n`);
      notes[index].hidden = !lines.length;
      if (!lines.length) continue;
      const own = document.createElement("span");
      own.className = "seus-valores";
      own.textContent = lines.join("");
      code.prepend(own);
    }
  }
  if (inputs.some(input => input.value)) fold.open = true;
  show();
})();
