// Exports and imports: start one, follow it, download or read its report.

import { request } from "./api.js";

const SHOWN = 5;
const POLL_MS = 1000;
const RETRY_MS = 10000;
const FORMATS = {
  coco_rle: gettext("COCO, lossless"),
  coco_polygons: gettext("COCO, polygons"),
  coco: "COCO JSON",
  label_masks: gettext("Label masks"),
};
const ACTIVE = ["queued", "running"];

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function when(job) {
  const time = new Date(job.created_at);
  return time.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}

function report(job) {
  const { images_matched: images = 0, masks_created: masks = 0, skipped = [] } = job.report ?? {};
  const lines = [
    interpolate(gettext("Masks: %(masks)s, on images: %(images)s."), { masks, images }, true),
  ];
  if (skipped.length) lines.push(interpolate(gettext("%(count)s skipped:"), { count: skipped.length }, true));
  const detail = element("span", { className: "detail" }, lines.join(" "));
  for (const reason of skipped.slice(0, 20)) {
    const text = typeof reason === "string" ? reason : Object.values(reason).join(": ");
    detail.append(element("br"), text);
  }
  return detail;
}

function jobRow(kind, job, refresh) {
  const actions = element("span", { className: "row" });
  if (job.download_url) {
    actions.append(element("a", { href: job.download_url, textContent: gettext("Download") }));
  }
  if (kind === "exports") {
    const active = ACTIVE.includes(job.status);
    const label = active ? gettext("Cancel this export") : gettext("Remove this export");
    const button = element("button", { className: "quiet small icon", textContent: "✕", title: label });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", async () => {
      await request("DELETE", `/api/exports/${job.id}/`).catch(() => {}); // gone already
      await refresh();
    });
    actions.append(button);
  }
  const row = element(
    "li",
    { className: "job" },
    element("span", { className: "title", textContent: FORMATS[job.format] ?? job.format }),
    actions,
  );
  row.dataset.status = job.status;
  if (ACTIVE.includes(job.status)) {
    const bar = element("progress", { max: 1 });
    if (job.status === "running") bar.value = job.progress;
    bar.setAttribute("aria-label", gettext("Progress"));
    const percent = `${Math.round(100 * job.progress)} %`;
    const text = job.status === "queued" ? gettext("waiting for a worker") : percent;
    row.append(bar, element("span", { className: "detail", textContent: text }));
  } else if (job.status === "failed") {
    row.append(element("span", { className: "detail error-text", textContent: job.error }));
  } else {
    const text = job.status === "done" ? when(job) : gettext("cancelled");
    row.append(element("span", { className: "detail", textContent: text }));
    if (kind === "imports" && job.status === "done") row.append(report(job));
  }
  return row;
}

function follow(kind, form, list, dataset) {
  let timer;

  async function refresh() {
    clearTimeout(timer);
    let wait = RETRY_MS; // a server that did not answer may answer later
    try {
      const page = await request("GET", `/api/${kind}/?dataset=${dataset}&page_size=${SHOWN}`);
      const jobs = page.results.slice(0, SHOWN);
      list.replaceChildren(...jobs.map((job) => jobRow(kind, job, refresh)));
      wait = jobs.some((job) => ACTIVE.includes(job.status)) ? POLL_MS : null;
    } catch {
      // What is shown stays.
    }
    if (wait) timer = setTimeout(refresh, wait);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const fields = new FormData(form);
    fields.append("dataset", dataset);
    form.querySelector(".error-text")?.remove();
    button.disabled = true;
    try {
      await request("POST", `/api/${kind}/`, kind === "exports" ? Object.fromEntries(fields) : fields);
      if (kind === "imports") form.reset();
      await refresh();
    } catch (error) {
      const sentence = element("span", { className: "error-text", textContent: error.message });
      sentence.setAttribute("role", "alert");
      form.append(sentence);
    } finally {
      button.disabled = false;
    }
  });
  refresh();
}

for (const kind of ["export", "import"]) {
  const section = document.getElementById(`${kind}s`);
  if (!section) continue;
  const form = document.getElementById(`${kind}-form`);
  follow(`${kind}s`, form, document.getElementById(`${kind}-jobs`), section.dataset.dataset);
}
