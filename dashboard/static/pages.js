// What pages do besides what HTML does: they show what is new, and ask before they lose it.
// Without this file each page works the same, with a link "Refresh".
"use strict";
(() => {
  const SHORTEST = 1500; // ms between two looks, however much happens
  const SLOWEST = 30000; // "in 3 min" grows old even if nothing happens
  const AGAIN = 2000; // while somebody is in the middle of something

  // -- news: the page as it is now takes the place of what it was

  let stream = null;
  let timer = null;
  let looked = Date.now();
  const main = () => document.querySelector("main[data-live]");

  // Nothing moves under the hands of somebody who writes, chooses or is asked.
  function isBusy(within) {
    const active = document.activeElement;
    const writes = active && within.contains(active) && active.matches("input, select, textarea");
    return writes || within.querySelector("details.confirm[open], input[data-one]:checked") !== null;
  }

  function lookIn(delay) {
    if (timer === null) timer = setTimeout(look, Math.max(delay, looked + SHORTEST - Date.now()));
  }

  async function look() {
    timer = null;
    const within = main();
    if (!within || document.hidden) return;
    if (isBusy(within)) return lookIn(AGAIN);
    looked = Date.now();
    const before = new Map(folds(within).map(([title, one]) => [title, one.open]));
    const selected = { target: "#main", select: "#main", swap: "outerMorph" };
    await htmx.ajax("GET", location.pathname + location.search, { ...selected, source: "#main" });
    // Which may be live no more.
    const now = document.querySelector("#main");
    for (const [title, one] of now ? folds(now) : []) one.open = before.get(title) ?? one.open;
    dispatchEvent(new Event("page:new"));
  }

  // What somebody has unfolded stays so: parts by their titles, whatever is counted in them.
  function folds(within) {
    const title = (one) => one.querySelector("summary").textContent.replace(/\d+/g, "");
    return [...within.querySelectorAll("details")].map((one) => [title(one), one]);
  }

  function isWanted(told) {
    const of = main() && main().dataset.live;
    return of === "all" || told.all || told.calls.includes(of);
  }

  function listen() {
    if (stream || document.hidden || !main()) return;
    stream = new EventSource("/dashboard/events");
    stream.addEventListener("change", (event) => {
      if (isWanted(JSON.parse(event.data))) lookIn(150);
    });
    stream.addEventListener("open", () => show(true));
    stream.addEventListener("error", () => show(false));
  }

  // A tab that nobody sees holds no connection.
  function hush() {
    if (stream) stream.close();
    stream = null;
  }

  function show(isOn) {
    for (const one of document.querySelectorAll("[data-live-state]")) {
      one.textContent = isOn ? one.dataset.on : one.dataset.off;
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return hush();
    listen();
    lookIn(0);
  });
  addEventListener("pagehide", hush);
  addEventListener("pageshow", listen);
  addEventListener("page:new", () => show(stream !== null && stream.readyState === EventSource.OPEN));
  // A page whose seconds count says so.
  setInterval(() => {
    const within = main();
    const every = within && within.dataset.every ? within.dataset.every * 1000 : SLOWEST;
    if (Date.now() - looked >= every) lookIn(0);
  }, 1000);
  document.addEventListener("htmx:before:swap", (event) => {
    // Somebody whose session is over gets to the sign-in page as a whole.
    const answer = event.detail.ctx.response;
    if (answer && answer.raw && answer.raw.redirected) location.reload();
  });

  // -- what somebody has made larger stays so; by itself htmx would write its style into the page
  // anew, and the page's policy forbids that

  const sizes = new Map();
  document.addEventListener("htmx:before:swap", () => {
    for (const one of document.querySelectorAll("[id][style]")) {
      sizes.set(one.id, one.style.cssText);
      one.removeAttribute("style");
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const [id, text] of sizes) {
      const one = document.getElementById(id);
      if (one) one.style.cssText = text;
    }
    sizes.clear();
  });

  // -- rows of links that are wider than the screen: the page that one is on is in sight

  for (const one of document.querySelectorAll(".tabs [aria-current], .top nav [aria-current]")) {
    const row = one.parentElement;
    row.scrollLeft = one.offsetLeft - (row.clientWidth - one.offsetWidth) / 2;
  }

  // -- what is wider than its card begins where it begins, not at its left edge

  function centre() {
    for (const one of document.querySelectorAll("[data-middle]:not([data-centred])")) {
      one.dataset.centred = "";
      one.scrollLeft = one.dataset.middle * one.scrollWidth - one.clientWidth / 2;
    }
  }
  centre();
  document.addEventListener("htmx:after:swap", centre);

  // -- lists: all at once

  document.addEventListener("change", (event) => {
    if (!event.target.matches("input[data-all]")) return;
    for (const one of document.querySelectorAll("input[data-one]")) one.checked = event.target.checked;
  });

  // -- dialogs: a question closes with Escape, and the focus goes back to what asked it

  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details.confirm[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
})();
