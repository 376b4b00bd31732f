/** Short documents and queries with the documents that answer them, written for this purpose: what people type, with its inflections and typos. */

export type Passage = Readonly<{ id: string; text: string }>;

/** `relevant`: 2 for a document that answers the query, 1 for one that helps. */
export type JudgedQuery = Readonly<{ query: string; relevant: Readonly<Record<string, 1 | 2>> }>;

const passage = (id: string, title: string, text: string): Passage => ({
  id,
  text: `# ${title}\n\n${text}\n`,
});

export const PASSAGES: readonly Passage[] = [
  passage(
    "gate-failure",
    "Failure of the tide gate",
    "The tide gate did not close on 3 March. A worn coupling slipped under load, and the alarm had been silenced since January.",
  ),
  passage(
    "gate-repair",
    "Repair of the tide gate",
    "The coupling of the east winch was replaced. The repairs took nine days and cost 184,500 euros.",
  ),
  passage(
    "gate-test",
    "Testing the gate",
    "Every gate is tested twice a year, in spring and in autumn, with both winches and by hand.",
  ),
  passage(
    "alarm-rules",
    "Rules for alarms",
    "An alarm may be silenced for one hour at most. The officer of the watch writes it into the log and tells the next shift.",
  ),
  passage(
    "crane-four",
    "Crane 4 out of service",
    "Crane 4 stood still for eleven days in May while its hoisting brake was rebuilt. Ships were unloaded at the south quay instead.",
  ),
  passage(
    "crane-lease",
    "Lease of a mobile crane",
    "The lease of the mobile crane ends on 31 December. The rent is 12,400 euros a month, and the lessor insures the machine.",
  ),
  passage(
    "crane-inspection",
    "Inspections of cranes",
    "Cranes are inspected every year by an outside engineer. Ropes are examined each quarter and replaced when ten wires are broken.",
  ),
  passage(
    "tonnage",
    "Tonnage in the second quarter",
    "The harbour moved 412,900 tonnes between April and June, eight percent more than a year before. Grain grew most.",
  ),
  passage(
    "tonnage-old",
    "Tonnage of earlier years",
    "Before the new quay was built the harbour handled less than a million tonnes a year, most of it coal and timber.",
  ),
  passage(
    "dues",
    "Harbour dues",
    "A vessel under forty metres pays 2.10 euros for each metre and day. Fishing boats of the town pay half. Dues are payable within thirty days.",
  ),
  passage(
    "late-payment",
    "Late payment of invoices",
    "An invoice that is not paid within thirty days costs one percent of interest for each month. After ninety days the debtor gets a reminder from the lawyer.",
  ),
  passage(
    "invoice-sample",
    "Invoice INV-2041",
    "To the North Line: berth for six days and pilotage, 3,480 euros net. Payable to the harbour office by bank transfer.",
  ),
  passage(
    "pilotage",
    "Pilotage",
    "Every ship over forty metres takes a pilot. The pilots board two miles off the breakwater, at night only with good sight.",
  ),
  passage(
    "pilot-boat",
    "The new boat of the pilots",
    "The boat that brings the pilots to the ships has two engines and rights itself when it capsizes.",
  ),
  passage(
    "tides",
    "Tide tables",
    "High water is at 06:12 with 4.1 metres and at 18:40 with 3.9 metres. Low water is about six hours later.",
  ),
  passage(
    "surge",
    "The surge of March",
    "A storm from the west raised the water to 0.9 metres above the forecast. The basin was flooded for 47 minutes.",
  ),
  passage(
    "flood-plan",
    "Plan for floods",
    "When a surge of more than two metres is forecast, the gate is closed, cellars are cleared and the market is evacuated.",
  ),
  passage(
    "market",
    "Losses of the fish market",
    "The cold store of the market lost power for six hours and 2.4 tonnes of fish were thrown away. The insurer paid 31,000 euros.",
  ),
  passage(
    "insurance",
    "Insurance of the port",
    "The port is insured against storm and fire, not against neglect. Claims are made within fourteen days.",
  ),
  passage(
    "customs",
    "Customs clearance",
    "Goods from outside the union are declared before they are unloaded. Containers are opened in the shed behind the north quay.",
  ),
  passage(
    "container-fee",
    "Storage of containers",
    "A container is stored free of charge for five days; each further day costs 18 euros. Cooled containers pay double.",
  ),
  passage(
    "dangerous",
    "Dangerous goods",
    "Explosives and poisons are reported two days ahead. They lie at the outer mole and are guarded by day and night.",
  ),
  passage(
    "fire",
    "Fire on the ferry",
    "A fire broke out in the engine room of the ferry. The crew put it out with foam, and nobody was injured.",
  ),
  passage(
    "ferry-times",
    "Timetable of the ferry",
    "The ferry leaves every two hours from seven in the morning. Bicycles travel free, dogs need a lead.",
  ),
  passage(
    "accident",
    "Injury at the winch",
    "A docker broke his hand when a rope jumped off the drum. Since then gloves and helmets are compulsory at the winches.",
  ),
  passage(
    "training",
    "Training of crane drivers",
    "Drivers of cranes are trained for six weeks and examined. A licence is valid for five years.",
  ),
  passage(
    "noise",
    "Complaints about noise",
    "Neighbours complained about the hammering at night. Work with hammers is allowed from seven to seven.",
  ),
  passage(
    "dredging",
    "Dredging of the channel",
    "The channel is dredged to 9.5 metres each summer. The mud is dumped at sea, twelve miles out.",
  ),
  passage(
    "depth",
    "Depths at the quays",
    "The north quay has 8.2 metres at low water, the south quay 6.4 metres. Ships keep half a metre under the keel.",
  ),
  passage(
    "water-quality",
    "Quality of the water",
    "Samples are taken weekly. In June the bathing place was closed for four days because of bacteria.",
  ),
  passage(
    "budget",
    "Budget of next year",
    "The board plans 4.2 million euros of income and 3.9 million of expenses. A second gauge and new fenders are included.",
  ),
  passage(
    "minutes",
    "Minutes of the board",
    "The board approved the purchase of an alarm that cannot be muted for longer than an hour, and postponed the new slipway.",
  ),
  passage(
    "slipway",
    "A slipway for yachts",
    "The yacht club asks for a slipway at the south mole. The cost is estimated at 260,000 euros, half of it from the club.",
  ),
  passage(
    "staff",
    "Staff of the harbour office",
    "Fourteen people work in the office. The harbour master is on call; the watch is relieved every eight hours.",
  ),
  passage(
    "pelabuhan",
    "Laporan pelabuhan",
    "Kapal pertama berangkat dari pelabuhan pada pukul enam. Muatan beras dibongkar di dermaga utara.",
  ),
  passage(
    "wage",
    "Wages of dockers",
    "A docker earns 19.80 euros an hour, at night a quarter more. Overtime is paid or taken as leave.",
  ),
];

export const QUERIES: readonly JudgedQuery[] = [
  { query: "why did the gate fail", relevant: { "gate-failure": 2, "gate-repair": 1 } },
  { query: "cost of repairing the coupling", relevant: { "gate-repair": 2, "gate-failure": 1 } },
  { query: "silence an alarm", relevant: { "alarm-rules": 2, "gate-failure": 1, minutes: 1 } },
  { query: "crane inspection", relevant: { "crane-inspection": 2, training: 1 } },
  { query: "leasing crane", relevant: { "crane-lease": 2 } },
  { query: "crane 4 brake", relevant: { "crane-four": 2 } },
  { query: "tonnes moved second quarter", relevant: { tonnage: 2, "tonnage-old": 1 } },
  { query: "interest on unpaid invoices", relevant: { "late-payment": 2, dues: 1 } },
  { query: "invocie north line", relevant: { "invoice-sample": 2 } },
  { query: "pilots boarding", relevant: { pilotage: 2, "pilot-boat": 2 } },
  { query: "high water 06:12", relevant: { tides: 2 } },
  { query: "flooding of the basin", relevant: { surge: 2, "flood-plan": 1 } },
  { query: "surge forecast evacuation", relevant: { "flood-plan": 2, surge: 1 } },
  { query: "fish thrown away", relevant: { market: 2 } },
  { query: "insurance claim storm", relevant: { insurance: 2, market: 1 } },
  { query: "storing containers", relevant: { "container-fee": 2, customs: 1 } },
  { query: "declare goods custms", relevant: { customs: 2 } },
  { query: "explosives", relevant: { dangerous: 2 } },
  { query: "ferry fire injured", relevant: { fire: 2 } },
  { query: "bicycle on the ferry", relevant: { "ferry-times": 2 } },
  { query: "helmet compulsory", relevant: { accident: 2 } },
  { query: "licence crane driver", relevant: { training: 2 } },
  { query: "noise complaints at night", relevant: { noise: 2 } },
  { query: "dredge channel depth", relevant: { dredging: 2, depth: 2 } },
  { query: "bacteria bathing", relevant: { "water-quality": 2 } },
  { query: "buget income", relevant: { budget: 2 } },
  { query: "yacht slipway cost", relevant: { slipway: 2, minutes: 1 } },
  { query: "dermaga utara", relevant: { pelabuhan: 2 } },
  { query: "docker wages overtime", relevant: { wage: 2 } },
  { query: "harbor master on call", relevant: { staff: 2 } },
];
