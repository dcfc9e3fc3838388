"""Names to put together by chance: (family names, men's names, women's names) per background.

The shares are an assumption that gives a plausible region with the spellings that make matching hard:
prefixes, ij/y, diacritics, double surnames.
"""

from random import Random

Achtergrond = tuple[tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...]]


def woorden(tekst: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(tekst.split())


def _geslachtsnamen(tekst: str) -> tuple[tuple[str, str], ...]:
    """`prefix|name` separated by commas -> (prefix, name)."""
    return tuple((deel.rpartition("|")[0].strip(), deel.rpartition("|")[2].strip()) for deel in tekst.split(","))


NEDERLANDS: Achtergrond = (
    _geslachtsnamen(
        "Bakker, de|Vries, van|Dijk, Visser, Smit, Meijer, de|Boer, Mulder, Bos, Vos, Peters, Hendriks, van|Leeuwen, "
        "Dekker, Brouwer, de|Wit, Dijkstra, Smits, de|Graaf, van der|Meer, van der|Linden, Kok, Jacobs, de|Haan, "
        "Vermeulen, van den|Heuvel, van der|Veen, van den|Broek, de|Bruijn, de|Bruin, van der|Heijden, Schouten, "
        "van|Beek, Willems, van|Vliet, van de|Ven, Hoekstra, Maas, Verhoeven, Koster, van|Dam, Prins, Blom, Huisman, "
        "Peeters, de|Jong, Kuipers, van|Veen, Kuiper, Post, Postma, Koning, Gerritsen, Verweij, Hermans, van den|Berg, "
        "Schippers, van 't|Hoff, in 't|Veld, op den|Kelder, ter|Horst, ten|Brink, Groeneveld, Stam, Buijs, Ijzerman, "
        "IJsselstein, van|IJperen, Weijers, Roelofs, Klaassen, Strijbosch, Sterrenburg, Heijblom, Korevaar, Stuij, "
        "van|Houwelingen, Terlouw, de|Kluijver, Vonk, Boogaard, van der|Giessen, den|Hartog, den|Besten, Baars, Noë"
    ),
    woorden(
        "Jan Pieter Kees Willem Arie Cornelis Johannes Dirk Gerrit Teunis Bas Daan Sem Lucas Milan Finn Bram Thijs "
        "Ruben Jesse Tim Niels Sander Jeroen Marcel Rob Henk Hans Wim Leen Adriaan Huib Joost Maarten Stijn René André"
    ),
    woorden(
        "Anna Maria Johanna Cornelia Neeltje Trijntje Emma Julia Sophie Lotte Fleur Sanne Eva Lisa Anouk Iris Femke "
        "Marieke Ingrid Petra Monique Wilma Ria Hennie Jannie Adriana Hélène Zoë Renée Noëlle Ilse Mirjam Esther Roos"
    ),
)
TURKS: Achtergrond = (
    _geslachtsnamen("Yılmaz, Kaya, Demir, Şahin, Çelik, Yıldız, Öztürk, Aydın, Koç, Doğan, Kılıç, Arslan, Güneş"),
    woorden("Mehmet Mustafa Ahmet Ali Hüseyin Emre Burak Murat Yusuf İbrahim Ömer Can Kemal"),
    woorden("Fatma Ayşe Emine Zeynep Elif Özlem Şule Esra Merve Hatice Büşra Gül Sibel"),
)
MAROKKAANS: Achtergrond = (
    _geslachtsnamen(
        "el|Amrani, el|Idrissi, Bouzidi, Benali, el|Khattabi, Aït|Said, Bouali, ben|Salah, Azzouzi, Haddou"
    ),
    woorden("Mohamed Youssef Rachid Hassan Ismaïl Noureddine Karim Bilal Samir Omar Ayoub"),
    woorden("Fatima Khadija Naïma Soumaya Samira Yasmina Hanan Loubna Najat Salma Imane"),
)
SURINAAMS: Achtergrond = (
    _geslachtsnamen(
        "Ramdin, Bihari, Kalloe, Jhagroe, Pinas, Amatdjais, Ganpat, Biervliet, Martina, Croes, Sambo, Zeefuik, Girigori"
    ),
    woorden("Ricardo Dwight Anil Rajesh Clifton Jerrel Orlando Sunil Roché Giovanni Dennis"),
    woorden("Sharon Priya Chantal Indra Melissa Sheila Anjali Denise Shanti Xiomara Ruth"),
)
POOLS: Achtergrond = (
    _geslachtsnamen("Nowak, Kowalski, Wiśniewski, Wójcik, Kamiński, Lewandowski, Zieliński, Szymański, Woźniak"),
    woorden("Tomasz Piotr Paweł Krzysztof Marcin Łukasz Jakub Andrzej Michał Wojciech"),
    woorden("Agnieszka Katarzyna Małgorzata Joanna Magdalena Ewa Żaneta Beata Zofia Monika"),
)
ELDERS: Achtergrond = (
    _geslachtsnamen("Haddad, al|Masri, Tesfay, Gebre, Ivanova, Petrenko, Nguyen, Tran, Chen, da|Silva, Hoxha, O'Neill"),
    woorden("Ahmad Samuel Daniel Ivan Minh Wei João Arben Sean Yonas Khalil Oleksandr"),
    woorden("Rania Selam Olena Lan Mei Ana Drita Sara Miriam Nour Nataliia Grace"),
)
ACHTERGRONDEN: tuple[Achtergrond, ...] = (NEDERLANDS, TURKS, MAROKKAANS, SURINAAMS, POOLS, ELDERS)
AANDELEN = (76, 6, 4, 6, 4, 4)


def achtergrond(rng: Random) -> Achtergrond:
    """One background by its share."""
    return rng.choices(ACHTERGRONDEN, AANDELEN)[0]


def geslachtsnaam(rng: Random, bron: Achtergrond) -> tuple[str, str]:
    """(prefix, family name)."""
    return rng.choice(bron[0])


def voornamen(rng: Random, bron: Achtergrond, man: bool) -> tuple[str, ...]:
    """One to three given names."""
    return tuple(rng.sample(bron[1] if man else bron[2], rng.choices((1, 2, 3), (5, 4, 1))[0]))
