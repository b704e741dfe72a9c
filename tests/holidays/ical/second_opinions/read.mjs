// Reads calendar files as ical.js has them: from standard input {name: text}, to standard output
// {name: [[start, end], …] or {refused: why}}, each as the clocks of its zone show it, in the years 2026 to 2028.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const MOST = 5000;

function occurrences(event) {
  const found = [];
  const iterator = event.iterator();
  for (let count = 0; count < MOST; count += 1) {
    const next = iterator.next();
    if (!next || next.year > 2028) break;
    const { item, startDate, endDate } = event.getOccurrenceDetails(next);
    if (item.component.getFirstPropertyValue("status") === "CANCELLED") continue;
    found.push([startDate.toString(), endDate.toString()]);
  }
  return found;
}

function read(text) {
  const found = [];
  for (const parsed of [ICAL.parse(text)].flat(text.split("BEGIN:VCALENDAR").length > 2 ? 1 : 0)) {
    const calendar = new ICAL.Component(parsed);
    ICAL.TimezoneService.reset();
    for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
    const events = calendar.getAllSubcomponents("vevent").map((component) => new ICAL.Event(component));
    const series = new Set(events.filter((event) => !event.isRecurrenceException()).map((event) => event.uid));
    for (const event of events) {
      if (event.isRecurrenceException() && series.has(event.uid)) continue;
      if (event.component.getFirstPropertyValue("status") === "CANCELLED") continue;
      if (event.isRecurring()) found.push(...occurrences(event));
      else found.push([event.startDate.toString(), event.endDate.toString()]);
    }
  }
  return found.filter(([start]) => start >= "2025-12" && start < "2029").sort();
}

const answers = {};
for (const [name, text] of Object.entries(JSON.parse(readFileSync(0, "utf8")))) {
  try {
    answers[name] = read(text);
  } catch (error) {
    answers[name] = { refused: String(error.message).slice(0, 200) };
  }
}
console.log(JSON.stringify(answers));
