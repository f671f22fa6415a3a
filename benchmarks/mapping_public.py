"""What people call the columns of public databases."""

from __future__ import annotations

from collections.abc import Mapping

#: File below the folder of corpora → table → variant → column → header.
CALLED: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "db_chinook/Chinook_Sqlite.sqlite": {
        "Customer": {
            "business names": {
                "CustomerId": "Cust. No.", "FirstName": "Given name", "LastName": "Surname",
                "Company": "Organisation", "Address": "Street address", "City": "Town",
                "State": "Province", "PostalCode": "ZIP code", "Phone": "Telephone",
                "Fax": "Fax number", "Email": "E-mail", "SupportRepId": "Sales agent",
            },
            "another language": {
                "CustomerId": "Kundennummer", "FirstName": "Vorname", "LastName": "Nachname",
                "Company": "Firma", "Address": "Anschrift", "City": "Stadt", "State": "Bundesland",
                "Country": "Land", "PostalCode": "PLZ", "Phone": "Telefon", "Fax": "Telefax",
                "Email": "E-Mail-Adresse", "SupportRepId": "Betreuer",
            },
        },
        "Track": {
            "business names": {
                "TrackId": "Song no.", "Name": "Song title", "AlbumId": "Album",
                "MediaTypeId": "Media type", "GenreId": "Genre", "Composer": "Written by",
                "Milliseconds": "Duration (ms)", "Bytes": "File size", "UnitPrice": "Price",
            },
            "another language": {
                "TrackId": "Numéro", "Name": "Nom", "AlbumId": "Album", "MediaTypeId": "Support",
                "GenreId": "Genre", "Composer": "Compositeur", "Milliseconds": "Durée",
                "Bytes": "Octets", "UnitPrice": "Prix unitaire",
            },
        },
        "Invoice": {
            "business names": {
                "InvoiceId": "Invoice #", "CustomerId": "Customer", "InvoiceDate": "Billed on",
                "BillingAddress": "Bill to street", "BillingCity": "Bill to city",
                "BillingState": "Bill to state", "BillingCountry": "Bill to country",
                "BillingPostalCode": "Bill to ZIP", "Total": "Invoice total",
            },
        },
    },
    "db_northwind/northwind_sqlite.sql": {
        "Customers": {
            "business names": {
                "CustomerID": "Account code", "CompanyName": "Business", "ContactName": "Contact",
                "ContactTitle": "Job title of contact", "Address": "Street", "City": "Town",
                "Region": "State", "PostalCode": "ZIP", "Phone": "Tel.", "Fax": "Fax no.",
            },
            "another language": {
                "CustomerID": "Código", "CompanyName": "Empresa", "ContactName": "Contacto",
                "ContactTitle": "Cargo", "Address": "Dirección", "City": "Ciudad",
                "Region": "Región", "PostalCode": "Código postal", "Country": "País",
                "Phone": "Teléfono", "Fax": "Fax",
            },
        },
        "Products": {
            "business names": {
                "ProductID": "Item no.", "ProductName": "Item", "SupplierID": "Vendor",
                "CategoryID": "Category", "QuantityPerUnit": "Pack size", "UnitPrice": "Price each",
                "UnitsInStock": "On hand", "UnitsOnOrder": "On order",
                "ReorderLevel": "Reorder at", "Discontinued": "Discontinued?",
            },
            "another language": {
                "ProductID": "Artikelnummer", "ProductName": "Artikelbezeichnung",
                "SupplierID": "Lieferant", "CategoryID": "Kategorie",
                "QuantityPerUnit": "Verpackungseinheit", "UnitPrice": "Einzelpreis",
                "UnitsInStock": "Lagerbestand", "UnitsOnOrder": "Bestellt",
                "ReorderLevel": "Meldebestand", "Discontinued": "Auslaufend",
            },
        },
        "Orders": {
            "business names": {
                "OrderID": "Order No.", "CustomerID": "Customer", "EmployeeID": "Sold by",
                "OrderDate": "Ordered on", "RequiredDate": "Needed by", "ShippedDate": "Shipped on",
                "ShipVia": "Carrier", "Freight": "Freight cost", "ShipName": "Ship to",
                "ShipAddress": "Delivery street", "ShipCity": "Delivery city",
                "ShipCountry": "Delivery country", "ShipPostalCode": "Delivery ZIP",
            },
        },
    },
}  # fmt: skip
