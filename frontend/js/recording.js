// The recording of a call beside its turns: a click on a turn's time plays from there, and the turn
// that sounds is marked.
const MARK = "is-playing";

export function startRecording() {
  const sound = document.getElementById("recording");
  const turns = [...document.querySelectorAll("[data-seek]")];
  if (!sound) return turns.forEach((turn) => (turn.disabled = true));
  document.body.classList.add("has-recording");
  const of = (turn) => Number(turn.dataset.seek);
  document.addEventListener("click", ({ target }) => {
    const turn = target.closest?.("[data-seek]");
    if (!turn) return;
    sound.currentTime = of(turn);
    sound.play();
  });
  sound.addEventListener("timeupdate", () => {
    const playing = turns.findLast((turn) => of(turn) <= sound.currentTime);
    turns.forEach((turn) => turn.closest("li").classList.toggle(MARK, turn === playing && !sound.paused));
  });
}
