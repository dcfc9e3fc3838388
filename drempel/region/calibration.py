"""The figures the region is set to, each with its source; what no source gives is labelled an assumption.

Sources: Divosa Monitor Vroegsignalering jaarrapportages ("monitor"), Divosa Onder de loep 2025 ("loep"), the Breda
Signalering+ presentation ("Breda"), corporation eviction figures as published by Aedes ("Aedes").
"""

from libs.events.values import Contactsoort, Signaalpartner

SIGNALEN_PER_1000 = 4.4
"""Signals a month per 1,000 inhabitants; monitor 2024."""
SEIZOEN = (0.98, 1.02, 1.21, 1.06, 1.00, 0.96, 0.94, 0.92, 0.96, 0.98, 1.00, 0.97)
"""January to December, mean 1. March 4.1 against 3.375 (40.5 / 12), monitor 2022; the other months assumed."""
PARTNERMIX = {
    Signaalpartner.ZORG: 41,
    Signaalpartner.ENERGIE: 20,
    Signaalpartner.HUUR: 20,
    Signaalpartner.WATER: 18,
    Signaalpartner.CAK_ZORGVERZEKERINGEN: 1,
}
"""Percent of signals; monitor 2024. Other is the CAK list here."""
MEERVOUDIG = 0.11
"""Share of meldingen with two or more signals; monitor 2023."""
RECIDIVE = 0.46
"""Share of meldingen with an earlier signal at the address in six months: 45 % (monitor) to 49 % (loep). Meldingen
without a resident count as none, so the measured share is a little higher."""
EINDELEVERING = 0.235
"""Share of energy signals: 22 % in 2023, 25 % in the first half of 2024; monitor."""
EINDELEVERING_ZONDER_VROEGSIGNAAL = 0.48
"""Named as a bottleneck by 48 % of municipalities (monitor); used as a share of signals: assumption."""
VERVOLG = 0.35
"""Chance that an arrears is signalled again next month: assumption, inside the recidive figure."""
ONVERANDERD = 0.45
"""Share of those again that did not rise (herhaalde melding): assumption; not published as a share."""
MEDIAAN = {
    Signaalpartner.ZORG: (260.0, 0.55),
    Signaalpartner.ENERGIE: (270.0, 0.6),
    Signaalpartner.HUUR: (680.0, 0.35),
    Signaalpartner.WATER: (150.0, 0.45),
    Signaalpartner.CAK_ZORGVERZEKERINGEN: (1900.0, 0.4),
}
"""Median in euro and sigma of a lognormal amount per partner type: assumption, no distribution is published."""

CLIENTEN = {"gewoon": 94, "verhuisd": 2, "overleden": 1, "weggetrokken": 1, "onbekend": 1, "buiten de regio": 1}
"""Percent of newly signalled clients that the BRP knows so: assumption, mismatch rates are not published."""
GEWEIGERD = 0.01
CORRECTIES = 0.01
HERZENDINGEN = 0.04
"""Shares of rows that break a rule or are corrected, and of deliveries sent twice: assumptions."""
INTREKKINGEN = {"Betaald": 40, "Betalingsregeling": 18, "Onterecht": 1, None: 41}
"""How an arrears that is not signalled again ended, None: without a word. Assumption."""

POGINGEN = {1: 45, 2: 35, 3: 15, 4: 5}
"""Percent of meldingen by number of attempts, mean 1.8: assumption, the mean is not published."""
BEREIK_PER_POGING = 0.12
"""Mean chance per attempt: 20 % per melding at 1.8 attempts; loep: one more attempt gives 11 percentage points."""
POGINGMIX = {
    Contactsoort.BRIEF: 0.38,
    Contactsoort.MAIL: 0.22,
    Contactsoort.TELEFOON: 0.22,
    Contactsoort.HUISBEZOEK: 0.13,
    Contactsoort.SMS_WHATSAPP: 0.05,
}
"""Share of all attempts by channel: assumption, chosen so that phone reaches three times as often as a visit (loep)."""
BEREIKT_NAAR_LEEFTIJD = (
    (25, {"Brief": 3.1, "Mail": 18.4, "Huisbezoek": 8.9, "SMS/Whatsapp": 6.1, "Telefoon": 58.7}),
    (45, {"Brief": 3.2, "Mail": 18.0, "Huisbezoek": 11.6, "SMS/Whatsapp": 3.1, "Telefoon": 59.6}),
    (65, {"Brief": 4.0, "Mail": 17.8, "Huisbezoek": 12.2, "SMS/Whatsapp": 2.2, "Telefoon": 59.5}),
    (200, {"Brief": 4.5, "Mail": 16.8, "Huisbezoek": 16.5, "SMS/Whatsapp": 1.4, "Telefoon": 56.6}),
)
"""Up to this age: percent of reached attempts by channel; loep, n = 164,081."""
ACCEPTATIE = 0.35
"""Help accepted of those reached; monitor 2023."""
ACCEPTATIE_PLUS = 0.523
"""The same in Signalering+: 102 of 195; Breda."""
ACCEPTATIE_KANAAL = {Contactsoort.HUISBEZOEK: 1.25, Contactsoort.TELEFOON: 0.93}
"""Against the mean; written is 1.08. Order visit, written, phone: loep; the sizes are assumed."""
ACCEPTATIE_GESCHREVEN = 1.08
ACCEPTATIE_JONG_OUD = 0.85
"""Up to 25 and from 66: they accept least (VNG theme meeting, Divosa 2021); the size is assumed."""

AVOND_BELLEN = 0.30
AVOND_BEZOEK = 0.24
"""Share of calls and of visits in the evening: loep."""
QUICK_FIX = 0.6
"""Share of accepted help that is advice or a quick fix, the rest goes on to debt counselling: assumption ("mostly")."""
BEREIK_DREIGEND = 0.5
"""Chance per attempt where gas, water or electricity is about to be cut off: assumption, no figure is published."""
AFGEWEZEN = 0.55
"""Of those reached who do not accept: says no; the others sort it out themselves or had paid already. Assumption."""
BEREIK_LADDER = 0.35
"""Chance of reaching a household on the bailiff's ladder against others: assumption."""
UITVAL_BEOORDEELD = 0.8
"""Share of the review queue an official gets to in a week: assumption."""

VONNISSEN_PER_1000 = 0.40
"""Judgments on rent arrears a year per 1,000 inhabitants: 7,000 on 17.4 million in 2020; Aedes."""
OPHOGING = 2.0
MINIMUM_LADDERS = 4
"""A small region shows too few of them: doubled, and never fewer than four. Assumption, for the demo."""
AANGEZEGD = 0.82
"""Announced of judged: 25 % of judgments carried out (Aedes 2014, 2018, 2020) at 31 % carried out of announced."""
UITGEVOERD = 0.31
"""Carried out of announced: 53 of 173, Veldhoven 2005-2008."""
UITGESTELD = 0.15
"""Postponed once before the outcome: assumption."""
HULP_STOPT_INCASSO = 0.6
"""A landlord stops the bailiff once help is accepted: assumption."""
