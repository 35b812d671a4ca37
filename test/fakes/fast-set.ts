/** What the fast set leaves out: what takes long, and the same once more on another server or by another way. */
export const isFastSet = process.env["LINKSPAN_TESTS"] === "fast";
