"""Files of other systems become events: one format a file. Importing the same file twice adds nothing."""

from collections.abc import Mapping

from explorer.application.importers.importing import Importer
from explorer.application.importers.online_retail import import_online_retail

FORMATS: Mapping[str, Importer] = {"online-retail": import_online_retail}
