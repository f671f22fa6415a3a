"""Tables of many trades, and how people call their columns in files.

One column a line: name | type | values | what an office calls it | the same in another language.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Weights, words and the bar of automatic mapping were settled on files for these.
TUNING = """
= departments / parent
id | INTEGER PRIMARY KEY | serial
name | VARCHAR(60) NOT NULL UNIQUE | department
= employees / hr, German
employee_no | INTEGER PRIMARY KEY | serial | Staff ID | Personalnummer
first_name | VARCHAR(40) NOT NULL | first | Given Name | Vorname
last_name | VARCHAR(40) NOT NULL | last | Family Name | Nachname
email | VARCHAR(100) UNIQUE | email | E-mail address | E-Mail-Adresse
birth_date | DATE | day 1955 2004 | Date of birth | Geburtsdatum
hire_date | DATE | day 2005 2025 | Hired on | Einstellungsdatum
salary | NUMERIC(10,2) | money 2000 9000 | Monthly pay | Gehalt
department_id | INTEGER REFERENCES departments (id) | parent departments | Dept. | Abteilung
phone | VARCHAR(30) | phone | Telephone | Telefon
active | BOOLEAN | flag | Is active? | Aktiv
= doctors / parent
doctor_id | INTEGER PRIMARY KEY | serial
full_name | VARCHAR(60) NOT NULL UNIQUE | person
= appointments / hospital, French
appointment_id | INTEGER PRIMARY KEY | serial | Appointment # | Numéro de rendez-vous
patient_name | VARCHAR(80) NOT NULL | person | Name of patient | Nom du patient
birth_date | DATE | day 1930 2020 | DOB | Date de naissance
doctor_id | INTEGER REFERENCES doctors (doctor_id) | parent doctors | Physician | Médecin
scheduled_at | TIMESTAMP | moment 2024 2026 | Appointment time | Date et heure
ward | VARCHAR(10) | among A1 A2 B1 B2 ICU | Ward | Service
diagnosis_code | VARCHAR(8) | code A99.9 | ICD code | Code diagnostic
fee | NUMERIC(8,2) | money 20 400 | Fee charged | Honoraires
insurance_no | VARCHAR(20) | code AA999999 | Insurance number | Numéro d'assurance
notes | TEXT | prose | Remarks | Remarques
= carriers / parent
carrier_id | INTEGER PRIMARY KEY | serial
name | VARCHAR(60) NOT NULL UNIQUE | company
= shipments / logistics, Spanish
shipment_id | INTEGER PRIMARY KEY | serial | Shipment No. | Número de envío
tracking_code | VARCHAR(20) UNIQUE | code AA9999999 | Tracking # | Código de seguimiento
carrier_id | INTEGER REFERENCES carriers (carrier_id) | parent carriers | Carrier | Transportista
origin_city | VARCHAR(40) | city | From city | Ciudad de origen
destination_city | VARCHAR(40) | city | Ship to city | Ciudad de destino
weight_kg | NUMERIC(8,2) | money 1 900 | Gross weight | Peso
shipped_on | DATE | day 2023 2025 | Ship date | Fecha de envío
delivered_on | DATE | day 2025 2026 | Delivery date | Fecha de entrega
status | VARCHAR(12) | among booked moving held delivered | Shipment status | Estado
freight_cost | NUMERIC(10,2) | money 900 5000 | Freight | Coste
= students / school, Italian
student_no | VARCHAR(10) PRIMARY KEY | code S99999 | Student ID | Matricola
first_name | VARCHAR(40) NOT NULL | first | Given name(s) | Nome
last_name | VARCHAR(40) NOT NULL | last | Surname | Cognome
class | VARCHAR(4) | one 1A 1B 2A 2B 3A 3B | Form | Classe
enrolled_on | DATE | day 2018 2025 | Date enrolled | Data iscrizione
guardian_phone | VARCHAR(30) | phone | Parent phone | Telefono genitore
average_grade | NUMERIC(3,1) | figure 4 10 | GPA | Media voti
absences | INTEGER | whole 0 40 | Days absent | Assenze
city | VARCHAR(40) | city | Home town | Città
= listings / real estate, Dutch
listing_id | INTEGER PRIMARY KEY | serial | MLS # | Nummer
street | VARCHAR(80) | street | Street address | Straat
postcode | VARCHAR(10) | code 9999 | ZIP code | Postcode
city | VARCHAR(40) | city | Town | Plaats
rooms | INTEGER | whole 1 9 | No. of rooms | Aantal kamers
floor_area | INTEGER | whole 30 400 | Living area | Oppervlakte
price | NUMERIC(12,2) | money 90000 900000 | Asking price | Vraagprijs
listed_on | DATE | day 2022 2026 | List date | Datum aangeboden
agent_email | VARCHAR(100) | email | Agent e-mail | E-mail makelaar
kind | VARCHAR(12) | one house flat studio loft | Property type | Soort woning
= bank_accounts / banking, Portuguese
account_no | VARCHAR(24) PRIMARY KEY | code AA9999999999 | Acct number | Número da conta
holder_name | VARCHAR(80) NOT NULL | person | Account holder | Nome do titular
currency | CHAR(3) | one EUR USD GBP CHF | Ccy | Moeda
balance | NUMERIC(14,2) | money 0 90000 | Current balance | Saldo
opened_on | DATE | day 1998 2025 | Date opened | Data de abertura
branch | VARCHAR(40) | city | Branch office | Agência
interest_rate | NUMERIC(5,3) | rate | Rate of interest | Taxa de juros
overdraft_limit | INTEGER | hundreds | Overdraft | Limite
tax_id | VARCHAR(12) | code 999999999 | Tax number | NIF
"""

#: Nothing was changed because of how files for these fared.
HELD_OUT = """
= products / parent
product_id | INTEGER PRIMARY KEY | serial
title | VARCHAR(60) NOT NULL UNIQUE | product
= policies / insurance, German
policy_no | VARCHAR(14) PRIMARY KEY | code AAA-999999 | Policy number | Versicherungsnummer
holder | VARCHAR(80) NOT NULL | person | Insured person | Versicherungsnehmer
product_id | INTEGER REFERENCES products (product_id) | parent products | Product | Produkt
premium | NUMERIC(10,2) | money 80 2500 | Yearly premium | Prämie
start_date | DATE | day 2015 2024 | Effective from | Beginn
end_date | DATE | day 2025 2030 | Expires | Ende
deductible | INTEGER | hundreds | Excess | Selbstbeteiligung
payment_method | VARCHAR(12) | among debit invoice card | Pays by | Zahlungsart
cancelled | BOOLEAN | flag | Cancelled? | Gekündigt
= room_types / parent
code | VARCHAR(4) PRIMARY KEY | code AA9
name | VARCHAR(60) NOT NULL UNIQUE | room
= bookings / hotel, French
booking_ref | VARCHAR(10) PRIMARY KEY | code AA9999 | Confirmation no. | Référence
guest_name | VARCHAR(80) NOT NULL | person | Guest | Nom du client
guest_email | VARCHAR(100) | email | Contact e-mail | Courriel
room_type | CHAR(4) REFERENCES room_types | parent room_types | Type of room | Type de chambre
check_in | DATE | day 2024 2025 | Arrival | Arrivée
nights | INTEGER | whole 1 14 | Number of nights | Nombre de nuits
adults | INTEGER | whole 1 4 | Guests | Adultes
nightly_rate | NUMERIC(8,2) | money 60 500 | Rate per night | Prix par nuit
country | VARCHAR(40) | country | Nationality | Pays
special_requests | TEXT | prose | Requests | Demandes
= loans / library, Spanish
loan_id | INTEGER PRIMARY KEY | serial | Loan number | Número de préstamo
isbn | VARCHAR(17) | code 999-9-99-999999-9 | ISBN-13 | ISBN
book_title | VARCHAR(120) NOT NULL | product | Title of book | Título
author | VARCHAR(80) | person | Written by | Autor
borrower_email | VARCHAR(100) | email | Reader e-mail | Correo del lector
lent_on | DATE | day 2023 2024 | Date lent | Fecha de préstamo
due_on | DATE | day 2025 2026 | Due | Fecha de vencimiento
renewals | INTEGER | whole 0 5 | Times renewed | Renovaciones
shelf | VARCHAR(6) | code A-99 | Shelf mark | Estante
= vehicles / fleet, Italian
plate | VARCHAR(10) PRIMARY KEY | code AA-999-AA | Licence plate | Targa
brand | VARCHAR(30) | one Fiat Volvo Scania Iveco Ford MAN | Make | Marca
model_year | INTEGER | whole 2005 2025 | Year of make | Anno
mileage | INTEGER | whole 1000 400000 | Odometer | Chilometraggio
fuel | VARCHAR(10) | among diesel petrol electric gas | Fuel type | Carburante
colour | VARCHAR(20) | one white black red blue silver | Color | Colore
purchase_price | NUMERIC(10,2) | money 9000 120000 | Bought for | Prezzo di acquisto
next_service | DATE | day 2025 2027 | Service due | Prossimo tagliando
driver_name | VARCHAR(80) | person | Assigned driver | Autista
= lab_samples / laboratory, Dutch
sample_code | VARCHAR(12) PRIMARY KEY | code 99-A-9999 | Sample ID | Monstercode
collected_at | TIMESTAMP | moment 2024 2026 | Collection time | Afnametijd
material | VARCHAR(12) | one blood urine tissue saliva | Specimen | Materiaal
ph | NUMERIC(4,2) | figure 4 9 | pH value | Zuurgraad
temperature | NUMERIC(4,1) | figure 15 40 | Temp. (°C) | Temperatuur
analyst | VARCHAR(80) | person | Analysed by | Analist
machine_uuid | UUID | uuid | Device | Apparaat
result | VARCHAR(10) | among positive negative unclear | Outcome | Uitslag
= tickets / events, Portuguese
ticket_no | INTEGER PRIMARY KEY | serial | Ticket # | Número do bilhete
buyer_name | VARCHAR(80) NOT NULL | person | Purchased by | Nome do comprador
venue_city | VARCHAR(40) | city | City of venue | Cidade
event_date | DATE | day 2024 2026 | Date of event | Data do evento
seat | VARCHAR(6) | code A99 | Seat number | Lugar
price | NUMERIC(8,2) | money 10 250 | Ticket price | Preço
quantity | INTEGER | whole 1 6 | Tickets bought | Quantidade
phone | VARCHAR(30) | phone | Mobile no. | Telefone
= campaigns / parent
id | INTEGER PRIMARY KEY | serial
name | VARCHAR(60) NOT NULL UNIQUE | company
= donations / charity, German
donation_id | INTEGER PRIMARY KEY | serial | Receipt no. | Belegnummer
donor | VARCHAR(80) NOT NULL | person | Donor name | Spender
campaign_id | INTEGER REFERENCES campaigns (id) | parent campaigns | Campaign | Kampagne
amount | NUMERIC(10,2) | money 5 900 | Gift amount | Betrag
donated_on | DATE | day 2020 2026 | Gift date | Spendendatum
street | VARCHAR(80) | street | Mailing address | Straße
postcode | VARCHAR(10) | code 99999 | ZIP | PLZ
city | VARCHAR(40) | city | City | Ort
recurring | BOOLEAN | flag | Recurring gift | Dauerspende
= cases / support, French
case_id | INTEGER PRIMARY KEY | serial | Case number | Numéro du dossier
opened_at | TIMESTAMP | moment 2024 2026 | Date opened | Ouvert le
subject | VARCHAR(120) | prose | Summary | Objet
customer_company | VARCHAR(80) | company | Client | Entreprise
priority | VARCHAR(8) | among low normal high urgent | Urgency | Priorité
assigned_to | VARCHAR(80) | person | Agent | Responsable
hours_spent | NUMERIC(6,2) | money 0 40 | Time spent (h) | Heures passées
url | VARCHAR(120) | url | Link | Lien
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledColumn:
    """A column of a table, and what files call it."""

    name: str
    type: str
    values: str
    business: str
    foreign: str

    @property
    def ddl(self) -> str:
        kind, *words = self.values.split()
        allowed = ", ".join(f"'{word}'" for word in words)
        check = f" CHECK ({self.name} IN ({allowed}))" if kind == "among" else ""
        return f"{self.name} {self.type}{check}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledTable:
    """A table to make; files are made for those that are no parents only."""

    name: str
    about: str
    columns: tuple[LabelledColumn, ...]

    @property
    def is_parent(self) -> bool:
        return self.about == "parent"

    @property
    def ddl(self) -> str:
        columns = ", ".join(column.ddl for column in self.columns)
        return f"CREATE TABLE {self.name} ({columns})"


def labelled_tables(text: str) -> tuple[LabelledTable, ...]:
    """The tables of TUNING or HELD_OUT, parents before those that refer to them."""
    tables = []
    for part in text.strip().removeprefix("= ").split("\n= "):
        head, *lines = part.splitlines()
        name, about = head.split(" / ")
        columns = tuple(_column(line) for line in lines)
        tables.append(LabelledTable(name=name, about=about, columns=columns))
    return tuple(tables)


def _column(line: str) -> LabelledColumn:
    name, kind, values, *called = (cell.strip() for cell in line.split("|"))
    business, foreign = called or (name, name)
    return LabelledColumn(name=name, type=kind, values=values, business=business, foreign=foreign)
