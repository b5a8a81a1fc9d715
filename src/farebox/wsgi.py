"""The WSGI application; `farebox.house` has opened the data folder before it is imported."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
