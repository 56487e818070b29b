"""pynetdicom's verification service: dicom_server.py HOST PORT."""

import sys

from pynetdicom import AE
from pynetdicom.sop_class import Verification

entity = AE(ae_title="SERVER")
entity.add_supported_context(Verification)
entity.start_server((sys.argv[1], int(sys.argv[2])))
