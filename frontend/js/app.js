// What every page loads: htmx, live regions, the keyboard, dialogs, toasts and the ring.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { startCharts } from "./chart-loader.js";
import { startClocks } from "./clocks.js";
import { startDialogs } from "./dialogs.js";
import { startExchange } from "./exchange.js";
import { startForms } from "./forms.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { startReveal } from "./reveal.js";
import { startRing } from "./ring.js";
import { startTables } from "./tables.js";
import { startToasts } from "./toasts.js";

startExchange(htmx, Idiomorph);
startToasts();
startDialogs();
startForms();
startTables();
startReveal();
startMenus();
startKeys();
startClocks();
startCharts();
startRing();
startLive();
