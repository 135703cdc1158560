// A button that plays the sound beside it from its beginning: for hands that stay on the keys.
export function startSounds() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-plays]");
    const sound = button?.parentElement.querySelector("audio");
    if (!sound) return;
    sound.currentTime = 0;
    sound.play();
    document.querySelector("input[autofocus]")?.focus();
  });
}
