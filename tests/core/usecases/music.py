"""Tracks whose files name albums, genres and media types, and the tables they go into."""

from __future__ import annotations

from core.model.mapping import FieldMapping, Lookup
from core.workspace import Workspace

_DDL = """
CREATE TABLE "Album" ("AlbumId" INTEGER PRIMARY KEY, "Title" VARCHAR(160) NOT NULL);
CREATE TABLE "Genre" ("GenreId" INTEGER PRIMARY KEY, "Name" VARCHAR(120) UNIQUE, "Note" TEXT);
CREATE TABLE "MediaType" ("MediaTypeId" INTEGER PRIMARY KEY, "Name" VARCHAR(120));
CREATE TABLE "Track" (
    "TrackId" INTEGER PRIMARY KEY, "Name" VARCHAR(200) NOT NULL,
    "AlbumId" INTEGER REFERENCES "Album" ("AlbumId"),
    "MediaTypeId" INTEGER NOT NULL REFERENCES "MediaType" ("MediaTypeId"),
    "GenreId" INTEGER REFERENCES "Genre" ("GenreId"));
CREATE TABLE "Staff" (
    "Id" INTEGER PRIMARY KEY, "Name" TEXT, "Boss" INTEGER REFERENCES "Staff" ("Id"));
INSERT INTO "Album" VALUES (4, 'Let There Be Rock'), (9, 'Greatest Hits'), (12, 'Greatest Hits'),
    (15, 'Balls to the Wall'), (20, '1984'), (21, 'Greatest Hits');
INSERT INTO "Genre" VALUES (1, 'Rock', 'hidden'), (2, 'Jazz', 'hidden'), (3, 'Metal', 'hidden');
INSERT INTO "MediaType" VALUES (1, 'MPEG audio file'), (2, 'AAC audio file');
INSERT INTO "Staff" VALUES (1, 'Andrew', NULL)
"""
TABLES = ("Track", "Staff", "Album", "Genre", "MediaType")

TRACKS = """\
TrackId,Name,Album,Media type,Genre
1,Go Down,Let There Be Rock,MPEG audio file,Rock
2,Overdose,LET THERE BE ROCK ,mpeg audio file,rock
3,Best of,Greatest Hits,AAC audio file,Metal
4,Second best,Greatest Hits,AAC audio file,Jaz
5,Jump,1984,MPEG audio file,Rock
6,Loner,,MPEG audio file,
7,Numbered,15,MPEG audio file,3
8,Lost,Nowhere,MPEG audio file,Polka
"""
LOOKUPS = (
    FieldMapping(source="TrackId", target="TrackId"),
    FieldMapping(source="Name", target="Name"),
    FieldMapping(source="Album", target="AlbumId", lookup=Lookup(by="Title")),
    FieldMapping(source="Media type", target="MediaTypeId", lookup=Lookup(by="Name")),
    FieldMapping(source="Genre", target="GenreId", lookup=Lookup(by="Name")),
)
NAMES = (
    FieldMapping(source="TrackId", target="TrackId"),
    FieldMapping(source="Name", target="Name"),
)


def fill(ws: Workspace) -> None:
    with ws.engine("shop").begin() as db:
        for statement in _DDL.split(";"):
            db.exec_driver_sql(statement)
