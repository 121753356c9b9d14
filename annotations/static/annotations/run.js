// The page of a training run: the server says when there is something new, htmx fetches it.

const number = document.getElementById("run").dataset.run;
const events = new EventSource(`/api/training-runs/${number}/events/`);

events.addEventListener("run", (event) => {
  document.body.dispatchEvent(new CustomEvent("run-changed"));
  const { status } = JSON.parse(event.data);
  if (status !== "queued" && status !== "running") events.close();
});
