# Owns: sending with real Django by settings as docs/frameworks.md has them. Arguments are keys and files of settings, in turns;
# it says for each "sent" or what Django said.

import os
import sys

import django
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.test.utils import override_settings

settings.configure()
django.setup()

for key, path in zip(sys.argv[1::2], sys.argv[2::2]):
    os.environ["MAILWOK_KEY"] = key
    lines = {"os": os}
    with open(path) as file:
        exec(file.read(), lines)
    with override_settings(**{name: value for name, value in lines.items() if name.isupper()}):
        try:
            message = mail.EmailMultiAlternatives(
                "Grüße ✓", "It works.", to=["you@example.net"], headers={"X-MailWok-Tags": "welcome"}
            )
            message.attach_alternative("<p>It works.</p>", "text/html")
            message.send()
            print("sent")
        except Exception as error:
            print("error", type(error).__name__, error)
        try:
            call_command("sendtestemail", "test@example.net")
        except Exception:
            pass
