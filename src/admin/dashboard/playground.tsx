/** The dtab playground: why a name or a request goes where it goes, and where it would go by another dtab. */
import { render } from "preact";
import { Playground } from "./playground-app.tsx";
import "./dashboard.css";
import "./playground.css";

const page = document.getElementById("page");
if (page) render(<Playground />, page);
