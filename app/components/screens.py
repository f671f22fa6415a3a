"""Where the screens are, for links from one to another."""

from __future__ import annotations

from app.serving import ROOT

HOME = str(ROOT / "pages" / "home.py")
IMPORT = str(ROOT / "pages" / "data_import.py")
EXPORT = str(ROOT / "pages" / "data_export.py")
RULES = str(ROOT / "pages" / "rules.py")
JOBS = str(ROOT / "pages" / "jobs.py")
