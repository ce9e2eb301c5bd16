// A file may be dropped anywhere on the page that asks for one. Without this file it is chosen.
"use strict";
(() => {
  const zone = () => document.querySelector("[data-drop]");
  const input = () => zone() && zone().querySelector("input[type=file]");
  const holdsFile = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");

  addEventListener("dragover", (event) => {
    if (!input() || !holdsFile(event)) return;
    event.preventDefault();
    zone().dataset.over = "yes";
  });
  addEventListener("dragleave", (event) => {
    if (zone() && event.relatedTarget === null) delete zone().dataset.over;
  });
  addEventListener("drop", (event) => {
    if (!input() || !holdsFile(event)) return;
    event.preventDefault();
    delete zone().dataset.over;
    input().files = event.dataTransfer.files;
    input().dispatchEvent(new Event("change", { bubbles: true }));
  });

  // What was said of one file does not hold for the next.
  document.addEventListener("change", (event) => {
    if (event.target !== input()) return;
    for (const one of document.querySelectorAll("[name=kept]")) one.remove();
  });
})();
