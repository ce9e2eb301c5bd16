"""Five thousand rows as people of twelve countries write them: nobody wrong is dialed."""

import random

import pytest
from sqlmodel import col, select

from storage.tables import Contact
from tests.api.campaigns.test_campaigns import made
from tests.api.files.habits import COUNTRIES, Person, people
from tests.api.files.sheets import csv_of
from tests.api.files.test_uploads import upload_to
from tests.api.world import World

ROWS = 420
#: As lists of the country name their columns; the one with the numbers first.
HEADERS = {
    "US": ["Mobile #", "Customer Name", "Account"],
    "CA": ["Phone Number", "Name", "Emergency Contact"],
    "GB": ["Telephone", "Full name", "Ref"],
    "DE": ["Telefon-Nr.", "Kunde", "Kundennummer"],
    "FR": ["Téléphone", "Nom", "Fax"],
    "ES": ["Teléfono", "Nombre", "ID"],
    "IT": ["Cellulare", "Nome", "Conto"],
    "BR": ["Celular", "Nome", "Contato de emergência"],
    "MX": ["Móvil", "Nombre", "Contacto de emergencia"],
    "AU": ["Mobile", "Name", "Emergency contact"],
    "JP": ["電話", "Name", "ID"],
    "IN": ["Phone", "Name", "Order"],
}


def table(country: str, them: list[Person], chance: random.Random) -> list[list[str]]:
    """The list with its columns in any order; the other numbers are of somebody else."""
    order = [0, 1, 2]
    chance.shuffle(order)
    others = list(people(country, len(them), seed=8))
    rows = [
        [person.written, person.name, other.endpoint.removeprefix("+")]
        for person, other in zip(them, others, strict=True)
    ]
    return [[row[index] for index in order] for row in (HEADERS[country], *rows)]


@pytest.mark.parametrize("country", sorted(COUNTRIES))
async def test_no_row_of_a_real_list_becomes_another_number(world: World, country: str):
    them = list(people(country, ROWS))
    chance = random.Random(country)
    content = csv_of(table(country, them, chance), chance.choice(",;\t"))
    campaign = await made(world, contacts=[])
    loaded = await upload_to(world, campaign, content, defaultCountry=country)
    assert loaded["phoneColumn"] == HEADERS[country][0]
    assert loaded["accepted"] + loaded["rejected"] == ROWS
    async with world.db.read() as session:
        rows = (await session.exec(select(Contact).where(col(Contact.state) == "staged"))).all()
    # Rows are numbered as in the sheet, whose first one is the header.
    wrong = [
        (them[row.row_number - 2], row.endpoint)
        for row in rows
        if row.endpoint != them[row.row_number - 2].endpoint
    ]
    assert wrong == []
    assert len(rows) == loaded["accepted"] > ROWS * 0.5
