// Forms that destroy something ask first: <form data-confirm="Delete …?">.

const dialog = document.getElementById("confirm");

document.addEventListener("submit", (event) => {
  const form = event.target;
  // Not form.dataset: a field called “dataset” would hide it.
  const question = form.getAttribute("data-confirm");
  if (!question || form.hasAttribute("data-confirmed")) return;
  event.preventDefault();
  dialog.querySelector("p").textContent = question;
  const verb = form.getAttribute("data-confirm-verb") ?? gettext("Delete");
  dialog.querySelector("[value=yes]").textContent = verb;
  dialog.returnValue = "no"; // Escape keeps the last answer otherwise
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "yes") return;
      form.setAttribute("data-confirmed", "");
      form.requestSubmit();
    },
    { once: true },
  );
  dialog.showModal();
});
