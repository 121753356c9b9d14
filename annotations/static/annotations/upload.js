// Drag and drop, or choose, several images; each has its progress and its own failure.

import { csrfToken, problem } from "./api.js";

const AT_ONCE = 2;
const drop = document.getElementById("drop");
const list = document.getElementById("uploads");
const waiting = [];
let running = 0;
let stored = 0;

function row(file) {
  const item = document.createElement("li");
  item.className = "job";
  const title = Object.assign(document.createElement("span"), { className: "title" });
  const state = Object.assign(document.createElement("span"), { className: "muted small" });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  title.textContent = title.title = file.name;
  bar.setAttribute("aria-label", interpolate(gettext("Upload of %s"), [file.name]));
  state.textContent = gettext("waiting");
  item.append(title, state, bar);
  list.append(item);
  return { item, state, bar };
}

function fail({ item, state, bar }, sentence) {
  bar.remove();
  state.textContent = gettext("failed");
  const detail = document.createElement("span");
  detail.className = "detail error-text";
  detail.setAttribute("role", "alert");
  detail.textContent = sentence;
  item.append(detail);
}

function send(file, view) {
  return new Promise((finish) => {
    const body = new FormData();
    body.append("dataset", drop.dataset.dataset);
    body.append("file", file);
    const request = new XMLHttpRequest(); // fetch does not tell how far an upload is
    request.open("POST", "/api/images/");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => {
      view.bar.value = loaded / total;
      view.state.textContent = `${Math.round((100 * loaded) / total)} %`;
    };
    request.upload.onload = () => {
      view.bar.removeAttribute("value");
      view.state.textContent = gettext("reading");
    };
    request.onloadend = () => {
      if (request.status === 201) {
        view.bar.remove();
        view.state.textContent = gettext("stored");
        stored += 1;
      } else {
        fail(view, problem(request.response, request.status));
      }
      finish();
    };
    request.send(body);
  });
}

async function work() {
  while (running < AT_ONCE && waiting.length) {
    const [file, view] = waiting.shift();
    running += 1;
    send(file, view).then(() => {
      running -= 1;
      work();
    });
  }
  if (!running && !waiting.length) await showStored();
}

/** Put the new images in the grid. Rows of failed files stay until the page is left. */
async function showStored() {
  if (!stored) return;
  stored = 0;
  const page = new DOMParser().parseFromString(
    await (await fetch(window.location.href)).text(),
    "text/html",
  );
  const section = drop.parentElement;
  for (const old of [...section.children]) {
    if (old !== drop && old !== list) old.remove();
  }
  const fresh = page.getElementById("drop").parentElement;
  for (const part of [...fresh.children]) {
    if (part.id !== "drop" && part.id !== "uploads") section.append(document.adoptNode(part));
  }
  document.getElementById("facts").replaceWith(page.getElementById("facts"));
  window.htmx.process(section);
}

function take(files) {
  const limit = Number(drop.dataset.maxMb);
  for (const file of files) {
    const view = row(file);
    if (file.size > limit * 1024 * 1024) {
      fail(view, interpolate(gettext("The file is larger than %s MB."), [limit]));
    } else {
      waiting.push([file, view]);
    }
  }
  work();
}

if (drop) {
  document.getElementById("files").addEventListener("change", (event) => {
    take([...event.target.files]);
    event.target.value = "";
  });
  // The whole page takes the drop: missing the box must not navigate away to the file.
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    drop.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (running || waiting.length) event.preventDefault();
  });
}
