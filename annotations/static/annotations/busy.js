// Forms that take a while say so, and are sent once: <form data-busy="Uploading…">.

document.addEventListener("submit", (event) => {
  const words = event.target.getAttribute("data-busy"); // a field may be called “dataset”
  if (!words) return;
  const button = event.target.querySelector("button");
  button.dataset.rest = button.textContent;
  button.textContent = words;
  button.disabled = true;
});

// The page as the browser kept it, after "back".
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-busy] button[data-rest]")) {
    button.textContent = button.dataset.rest;
    button.disabled = false;
  }
});
