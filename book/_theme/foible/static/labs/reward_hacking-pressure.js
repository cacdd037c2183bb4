/* How hard a learned reward is pursued: what it says, and who comes in. */
"use strict";

lab("reward_hacking-pressure", {
  controls: ({ curve }) => [
    { name: "at", label: "distance from how people sail, in nats:", kind: "range", min: 0, max: curve.dose.values.length - 1, step: 1, start: 0, says: (at) => String(curve.dose.values[at]) },
  ],

  show({ parts: { curve }, state: { at }, stage }) {
    const here = (name) => curve.lines[name].values[at];
    const [reward, finish] = [here("learned reward"), here("boats that finish")];
    stage.replaceChildren(labCurve({ ...curve, response_name: "boats; reward, of the most there is" }, at, { log: true, high: true, said: "The learned reward, and the share of boats that finish, up to this distance" }));
    return {
      says: `At a distance of ${curve.dose.values[at]} nats the learned reward is ${labPercent(reward)} of the way to its most, and ${labPercent(finish)} of the boats finish.`,
      reads: [
        ["reward", "learned reward, of the most there is", reward, labPercent(reward)],
        ["finish", "boats that finish", finish, labPercent(finish)],
      ],
    };
  },
});
