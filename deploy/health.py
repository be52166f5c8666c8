"""`python deploy/health.py URL`: exit 0 when the address answers 200; the image has no curl."""

import sys
import urllib.error
import urllib.request

# No proxy of the environment, and a host name that ALLOWED_HOSTS of docker-compose.yml always holds.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
request = urllib.request.Request(sys.argv[1], headers={"Host": "127.0.0.1"})  # noqa: S310
try:
    with opener.open(request, timeout=8) as response:
        sys.exit(response.status != 200)
except (urllib.error.URLError, OSError) as error:
    sys.exit(str(error))
