// A menu made of <details class="menu"> closes on Escape and when the person goes elsewhere.

for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  for (const elsewhere of ["pointerdown", "focusin"]) {
    document.addEventListener(elsewhere, (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }
}
