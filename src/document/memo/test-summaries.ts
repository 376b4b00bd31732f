/** Documents with a summary that a person wrote after reading them, to measure key sentences by. */
export const SUMMARIES: readonly Readonly<{ document: string; summary: string }>[] = [
  {
    document: `# Incident report: power loss in cold store 4

This report was written by the night supervisor on request of the site manager. It follows the usual form. The photographs are kept in the office.

## Events

The night shift of 12 June started as planned and the first deliveries were unloaded before ten. The weather was warm and the yard was busy. At 23:40 cold store 4 lost its power, because a fork lift had damaged the supply cable behind the loading ramp. The alarm did not ring, since its battery had not been replaced after the test in March. The supervisor noticed the fault only at 02:15, when a driver found the door display dark.

Power was restored at 03:05 by an electrician on call. By then the air in the store had reached 9 °C, and 14 pallets of fish and dairy were above their limit. They were destroyed on the next day at a loss of € 23,400. Nobody was hurt.

## Measures

The cable now runs in a steel channel. The alarm battery was replaced, and its replacement is part of the monthly check from July on. We thank the drivers for their patience during the night.
`,
    summary:
      "Cold store 4 lost its power at 23:40 because a fork lift had damaged the supply cable. The alarm did not ring, since its battery had not been replaced, so the fault was noticed only at 02:15. 14 pallets of fish and dairy were destroyed at a loss of € 23,400.",
  },
  {
    document: `# Minutes of the board of the sailing club, 3 April

The chair opened the meeting at 19:00 and welcomed the two new members. The minutes of March were approved without a change. There was coffee and cake, for which the board thanked Mrs Okafor.

The treasurer presented the accounts. Income from fees fell by 8 % to € 41,200, because 19 members left after the harbour dues had been raised. The reserve stands at € 15,000.

The board discussed the jetty for a long time. Several members told of loose planks and one of a fall last summer. An inspection in February found that 22 of the 60 piles of the jetty are rotten and must be replaced before the season. Two offers were compared: the cheaper one, by Harms, costs € 18,900 and takes three weeks. The board decided by six votes to one to accept the offer of Harms and to close the jetty until the piles are replaced. The cost is paid from the reserve, and the rest by a levy of € 25 for each member.

The summer party will be on 20 July as every year. Volunteers can put their names on the list at the bar. The next meeting is on 8 May.
`,
    summary:
      "The board decided to accept the offer of Harms for € 18,900 and to close the jetty until its rotten piles are replaced. An inspection found that 22 of the 60 piles are rotten. Income from fees fell by 8 % because 19 members left, and the cost is paid from the reserve and a levy of € 25 for each member.",
  },
  {
    document: `# Does shade slow the drying of small reservoirs?

Small reservoirs supply many villages in dry regions. They are cheap and can be built by hand. In the dry season most of them lose more water to the air than to their users. Covers of foil or plastic balls reduce this loss, but they are expensive and tear in the wind.

We wanted to know whether the shade of trees can do the same. Earlier studies measured open pans, which differ from ponds in depth and wind. We therefore measured evaporation on twelve reservoirs of equal size in one valley for two dry seasons. Six of them were shaded by rows of acacia on their west side, and six had no trees. Water levels were read every hour by pressure gauges, and losses to the ground were taken from the nights without wind.

Shaded reservoirs lost 31 % less water to evaporation than open ones. The effect was largest in the afternoon and did not depend on the wind. The trees themselves took up about 6 % of the water through their roots, so the net saving was 25 %. In the second season the shade was denser and the saving rose to 29 %.

Rows of trees on the west side are thus a cheap way to keep a quarter of the water of a small reservoir. They need about four years to grow. Further work should look at other kinds of trees.
`,
    summary:
      "Evaporation was measured on twelve small reservoirs for two dry seasons, six of them shaded by rows of acacia on the west side. Shaded reservoirs lost 31 % less water to evaporation than open ones. As the trees took up about 6 % of the water, the net saving was 25 %, so rows of trees are a cheap way to keep a quarter of the water.",
  },
  {
    document: `# Notice to all tenants of Lindenhof 12

Dear tenants, we hope that you had a good start into the new year. As you know, our house was built in 1962 and much of it is still as it was then. We have received several letters about the heating, and we thank you for them.

The boiler in the basement failed twice in December. The engineer who examined it says that it can no longer be repaired. We will therefore replace the boiler by a heat pump between 4 and 22 March. During this time there will be no hot water from 8 to 16 o'clock on working days. Electric heaters can be collected from the caretaker free of charge. Please let the fitters into your flat on the day that is written on your door, because all radiators must be opened once.

The rent will rise by € 0.42 per square metre from June on, as the law allows for such works. Against that, we expect that heating costs fall by about a third. Those who cannot pay the higher rent can object until 15 February in writing.

Bicycles must not be left in the hall. With kind regards, your house management.
`,
    summary:
      "The boiler can no longer be repaired and will be replaced by a heat pump between 4 and 22 March. There will be no hot water from 8 to 16 o'clock on working days. The rent will rise by € 0.42 per square metre from June on, while heating costs fall by about a third; tenants can object until 15 February.",
  },
  {
    document: `# Review of the ferry timetable

The ferry between Norham and the islands has run since 1911. For many people it is a part of their childhood. The timetable was last changed eleven years ago.

We counted passengers on all crossings from May to August and asked 640 of them about their plans. On weekdays 58 % of the seats are empty before seven in the morning, while the crossings at 16:30 and 17:30 leave people behind on two days of three. Most of those who are left behind are islanders on their way home from work. Visitors travel later and could wait. The two ships need 35 minutes for each way and 15 minutes in port.

Three timetables were examined. The first adds a third ship, which costs 2.1 million a year. The second leaves out all stops at Skerry, which is against the licence. The third moves the two early crossings to the afternoon, so that a ferry leaves every 25 minutes from 16:00 to 18:00. It needs no further ship or crew.

We recommend the third timetable from October on, with a trial of six months. Islanders with a season ticket should board first. With these changes we expect that nobody is left behind on a normal weekday.
`,
    summary:
      "On weekdays early crossings are mostly empty, while the crossings at 16:30 and 17:30 leave people behind on two days of three. We recommend the third timetable from October on, which moves the two early crossings to the afternoon, so that a ferry leaves every 25 minutes from 16:00 to 18:00 and needs no further ship or crew.",
  },
  {
    document: `# Catatan rapat koperasi nelayan

Rapat dibuka oleh ketua pada pukul sembilan pagi di balai desa. Hadir 34 anggota dari empat dusun. Cuaca cerah dan tidak ada kapal yang melaut hari itu.

Bendahara melaporkan bahwa harga solar naik 18 persen sejak Januari. Karena itu biaya melaut setiap kapal naik menjadi Rp 410.000 sehari. Beberapa anggota bercerita tentang pengalaman mereka di desa lain.

Pabrik es di pelabuhan rusak sejak 2 Mei dan perbaikannya memerlukan Rp 27 juta. Tanpa es, sepertiga hasil tangkapan rusak sebelum dijual di pasar. Rapat memutuskan untuk memperbaiki pabrik es dengan dana koperasi sebelum akhir Juni. Setiap anggota membayar iuran tambahan Rp 50.000 selama enam bulan.

Rapat ditutup dengan doa dan makan siang bersama. Rapat berikutnya diadakan pada bulan Juli.
`,
    summary:
      "Pabrik es di pelabuhan rusak sejak 2 Mei, dan tanpa es sepertiga hasil tangkapan rusak sebelum dijual. Rapat memutuskan untuk memperbaiki pabrik es dengan dana koperasi sebelum akhir Juni. Setiap anggota membayar iuran tambahan Rp 50.000, sementara harga solar naik 18 persen.",
  },
  {
    document: `# Maintenance of the village bell

The bell of St Anne was cast in 1784 and weighs 640 kg. It hangs in a frame of oak. The village is proud of it, and on feast days it can be heard across the lake.

Since autumn the bell has sounded dull. The sexton first thought of the cold. On 9 January a bell founder examined it with a microphone and a lamp. She found a crack of 14 cm that starts at the rim where the clapper strikes. The clapper is of steel, which is harder than the one of wrought iron that it replaced in 1951, and it has struck the same place for seventy years.

The crack can be welded in a workshop abroad, where the bell is heated for a week. That costs € 16,800 with transport. Without a repair the bell will break within a year or two and must not be rung until then. Turning the bell by a quarter and a softer clapper would cost another € 3,200, and would keep the crack from coming back.

The council has set aside half of the sum. For the rest there will be a concert in May and a collection.
`,
    summary:
      "A bell founder found a crack of 14 cm at the rim, where the clapper of hard steel has struck the same place for seventy years. The crack can be welded for € 16,800; without a repair the bell will break within a year or two and must not be rung. Turning the bell and a softer clapper would cost another € 3,200.",
  },
];
