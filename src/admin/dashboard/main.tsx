/** The admin page: routers, names and endpoints with their live load. */
import { render } from "preact";
import { App } from "./app.tsx";
import "uplot/dist/uPlot.min.css";
import "./dashboard.css";

const page = document.getElementById("page");
if (page) render(<App />, page);
