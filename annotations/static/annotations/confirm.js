// What destroys something asks first: <form data-confirm="Delete …?">, or one of its buttons.

const dialog = document.getElementById("confirm");

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const asking = submitter?.hasAttribute("data-confirm") ? submitter : form;
  // Not form.dataset: a field called “dataset” would hide it.
  const question = asking.getAttribute("data-confirm");
  if (!question || asking.hasAttribute("data-confirmed")) return;
  event.preventDefault();
  dialog.querySelector("p").textContent = question;
  const verb = asking.getAttribute("data-confirm-verb") ?? gettext("Delete");
  dialog.querySelector("[value=yes]").textContent = verb;
  dialog.returnValue = "no"; // Escape keeps the last answer otherwise
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "yes") return;
      asking.setAttribute("data-confirmed", "");
      form.requestSubmit(submitter);
    },
    { once: true },
  );
  dialog.showModal();
});
