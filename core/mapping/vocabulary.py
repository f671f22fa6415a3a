"""Words that columns are called by, in seven languages of Europe.

English, German, French, Spanish, Portuguese, Italian and Dutch, all folded: lower case, no accents,
no blanks. The first word of a line names the thing.
"""

from __future__ import annotations

#: Words for one thing, whatever the table is about.
SAME = """
email emailaddress emailaddr emailid mail mailaddress mailaddr correo correoelectronico courriel
    emailadres
phone phonenumber phoneno telephone telephonenumber tel telno mobile mobilephone mobilenumber cell
    cellphone telefon telefonnummer telefono telefone telefoon telefoonnummer handy ph fon
    numerodetelephone rufnummer phn
fax faxnumber telefax faxnummer
quantity qty quant menge anzahl cantidad quantite quantita quantidade aantal units pieces pcs
    stuck stueck hoeveelheid
name fullname nm nom nombre nome naam bezeichnung denominacion denominazione
id identifier ident kennung identificador identifiant identificativo
birthdate dob dateofbirth birthday birthdt geburtsdatum geburtstag datedenaissance
    fechadenacimiento fechanacimiento datadenascimento datadinascita geboortedatum bdate
    datenaissance datanascimento datanascita
postcode zip zipcode postalcode postcd plz postleitzahl codepostal codigopostal cap codicepostale
    cp cep zipcd
firstname givenname forename fname vorname prenom nombredepila primeiro primeironome voornaam
    fstname firstnm
lastname surname familyname lname nachname familienname nomdefamille apellido apellidos sobrenome
    cognome achternaam lastnm apelido
age yearsold ageyears ageinyears alter edad idade eta leeftijd
createdat created createdon createddate creationdate datecreated erstelltam erstellt creadoen
    datecreation
updatedat updated updatedon updateddate modified modifiedat lastmodified lastupdated lastupdate
    geandertam
active isactive enabled aktiv actif activo ativo attivo actief
description desc descr beschreibung descripcion descricao descrizione omschrijving beschrijving
    descrip
notes note comment comments remark remarks bemerkung anmerkung notiz remarque commentaire nota
    notas observacion observaciones observacao osservazioni opmerking cmt bemerkungen kommentar
address addr adresse direccion endereco indirizzo adres anschrift domicilio
city town stadt ort ville ciudad cidade citta stad plaats wohnort municipality
country countryname land pays pais paese nation cntry
company companyname organisation organization org firma entreprise empresa azienda bedrijf
    unternehmen societe
department dept abteilung departement departamento dipartimento afdeling
salary wage pay gehalt lohn salaire salario stipendio salaris sal remuneration
gender sex geschlecht sexe genero sexo genere sesso geslacht
website url homepage webaddress webseite siteweb sitioweb sitoweb
sku skucode articlenumber articleno artikelnummer artikelnr referencia
username userid login loginname benutzername benutzer utilisateur usuario utente gebruiker usr
number num no nr numero nummer nro
date dt datum fecha data dat
street strasse str rue calle rua via straat streetaddress
state province region bundesland provincia estado regione regio
price prc preis prix precio preco prezzo prijs unitprice einzelpreis priceperunit
amount amt betrag montant importe valor importo bedrag
total ttl gesamt summe gesamtbetrag totale totaal
cost costs kosten cout coste costo custo
discount disc rabatt remise descuento desconto sconto korting
tax vat mwst tva iva btw steuer impuesto imposto tasse
customer cust client kunde kunden cliente klant buyer
supplier vendor lieferant fournisseur proveedor fornecedor fornitore leverancier splr
product prod produkt artikel article producto articulo produto artigo prodotto articolo item
order ord bestellung bestell auftrag commande pedido encomenda ordine bestelling purchase
invoice inv rechnung facture factura fatura fattura factuur bill
payment pmt zahlung paiement pago pagamento betaling
employee emp mitarbeiter personal employe empleado empregado dipendente medewerker staff worker
    angestellter
manager mgr boss supervisor vorgesetzter chef jefe gerente capo leider
job jobtitle position beruf stelle poste puesto cargo posizione functie occupation
hired hiredate hiredon einstellungsdatum dateembauche fechacontratacion
title titel titre titulo titolo
category cat kategorie categorie categoria
type typ tipo kind art
status zustand etat stato stat
language lang sprache langue idioma lingua taal
year yr jahr annee ano anno jaar
month monat mois mes mese maand
day tag jour dia giorno dag
time uhrzeit heure hora ora tijd zeit tm
start begin beginn debut inicio inizio von
end ende fin fim fine einde until bis to
weight wt gewicht poids peso gross wght
height ht hohe hoehe hauteur altura altezza hoogte
width wd breite largeur ancho largura larghezza breedte
length len lange laenge longueur longitud comprimento lunghezza lengte duration dauer duree
    duracion durata duur
size grosse groesse taille tamano tamanho taglia grootte
color colour farbe couleur cor colore kleur
brand marke marque marca merk manufacturer maker
model modell modele modelo modello
serial serialnumber serialno seriennummer
account acct acc konto compte cuenta conta conto rekening
balance bal saldo solde kontostand
currency curr ccy wahrung waehrung devise moneda moeda valuta monnaie
rate rt satz taux tasa taxa tasso
patient pat paciente paziente
doctor dr physician arzt medecin medico dokter arts
diagnosis diag diagnose diagnostic diagnostico diagnosi
student pupil schuler schueler eleve etudiant alumno estudiante aluno studente leerling
teacher lehrer enseignant professeur profesor professor insegnante docent leraar instructor
course kurs cours curso corso cursus
class klasse classe clase
grade mark score noten punkte points puntos punteggio punten
school schule ecole escuela escola scuola
room rm zimmer raum chambre piece habitacion sala quarto camera stanza kamer rooms
floor etage stockwerk piso andar piano verdieping
area flache flaeche surface superficie oppervlakte
bank banque banco banca
driver fahrer chauffeur conductor motorista autista
vehicle fahrzeug vehicule vehiculo veiculo veicolo voertuig car
warehouse lager entrepot almacen armazem magazzino magazijn whse
destination dest ziel zielort destino destinazione bestemming
origin herkunft ursprung origine origen origem
shipment shpmt sendung lieferung envoi expedition envio spedizione zending
shipped shippeddate shippedat shipdate versanddatum versandt
delivery dlvry liefer livraison entrega consegna levering
delivered deliveredat zugestellt geliefert livre entregado entregue consegnato geleverd
due dueon duedate fallig faellig echeance vencimiento scadenza vencimento
paid bezahlt paye pagado pagato betaald
stock lagerbestand bestand inventario existencias estoque giacenza voorraad onhand
author autor auteur autore
genre gattung
contact kontakt contacto contato contatto
"""

#: Words often, not always, meant for one thing.
LOOSE = (
    "amount total totalamount price unitprice totalprice cost value sum",
    "name title label",
    "id key code number",
    "state province region",
    "phone number",
    "date time at on createdat",
    "name lastname",
    "type category class kind",
    "status state",
    "grade score points",
    "balance amount",
    "description notes text",
    "address street",
)

_NOISE = """
is the of a an de la le les du des der die das do dos da di del della van het el los las den
l d per for and et und y e en
"""
NOISE = frozenset(_NOISE.split())

_GENERIC = """
id number name date code type value key no text at on description
"""
#: Words that tell little: half the columns of the world are called by them.
GENERIC = frozenset(_GENERIC.split())
