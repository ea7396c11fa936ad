"""serve.py nova|placement PORT: serves one of the two as a WSGI application on 127.0.0.1."""
import sys

what, port = sys.argv[1], int(sys.argv[2])
sys.argv = [what]
if what == "nova":
    from nova.wsgi.osapi_compute import application
else:
    from placement.wsgi.api import application
from cheroot import wsgi

wsgi.Server(("127.0.0.1", port), application, numthreads=16, server_name="127.0.0.1").start()
