/** A key that names a node. */
import { s } from "linkspan/plugin";

/** An absolute path without a slash at its end. */
export const nodePath = (options: { readonly doc: string; readonly default?: string }) =>
  s.text(
    {
      expected: "an absolute path without a slash at its end, such as /services",
      parse(text) {
        if (!text.startsWith("/")) throw new Error(`${JSON.stringify(text)} does not begin with a slash`);
        if (text !== "/" && text.endsWith("/")) throw new Error(`${JSON.stringify(text)} ends with a slash`);
        return text;
      },
    },
    options,
  );
