<?php
// Owns: sending with real Symfony Mailer, the transport of Laravel since version 9, by an .env as docs/frameworks.md has it: read as
// Laravel's config/mail.php and MailManager read it. Arguments are files, each after a word that is not needed here.

require '/usr/share/php/Symfony/Component/Mailer/autoload.php';

use Symfony\Component\Mailer\Mailer;
use Symfony\Component\Mailer\Transport\Dsn;
use Symfony\Component\Mailer\Transport\Smtp\EsmtpTransportFactory;
use Symfony\Component\Mime\Address;
use Symfony\Component\Mime\Email;

foreach (array_chunk(array_slice($argv, 1), 2) as [, $path]) {
    $env = parse_ini_file($path, false, INI_SCANNER_RAW);
    $scheme = $env['MAIL_SCHEME'] ?? ($env['MAIL_PORT'] == 465 ? 'smtps' : 'smtp');
    $dsn = new Dsn($scheme, $env['MAIL_HOST'], $env['MAIL_USERNAME'], $env['MAIL_PASSWORD'], (int) $env['MAIL_PORT']);
    $mailer = new Mailer((new EsmtpTransportFactory())->create($dsn));
    $email = (new Email())
        ->from(new Address($env['MAIL_FROM_ADDRESS'], $env['MAIL_FROM_NAME']))
        ->to('you@example.net')
        ->subject('Grüße ✓')
        ->text('It works.')
        ->html('<p>It works.</p>');
    $email->getHeaders()->addTextHeader('X-MailWok-Tags', 'welcome');
    try {
        $mailer->send($email);
        echo "sent\n";
    } catch (Throwable $error) {
        echo 'error ', strtr($error->getMessage(), "\r\n", '  '), "\n";
    }
}
