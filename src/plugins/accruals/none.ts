/** `none`: no endpoint is ever taken out for its answers. */
import { type AccrualPolicy, definePlugin, s } from "linkspan/plugin";

const never: AccrualPolicy = {
  success: () => undefined,
  failure: () => undefined,
  revived: () => undefined,
};

export default definePlugin({
  api: 1,
  family: "accrual",
  kind: "none",
  schema: s.object({}),
  create: () => ({ create: () => never }),
});
