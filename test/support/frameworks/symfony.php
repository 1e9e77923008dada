<?php
// Owns: sending with real Symfony Mailer by an .env as docs/frameworks.md has it. Arguments are files, each after a word that is
// not needed here.

require '/usr/share/php/Symfony/Component/Mailer/autoload.php';

use Symfony\Component\Mailer\Mailer;
use Symfony\Component\Mailer\Transport;
use Symfony\Component\Mime\Address;
use Symfony\Component\Mime\Email;

foreach (array_chunk(array_slice($argv, 1), 2) as [, $path]) {
    $env = parse_ini_file($path, false, INI_SCANNER_RAW);
    $mailer = new Mailer(Transport::fromDsn($env['MAILER_DSN']));
    $email = (new Email())
        ->from(new Address('shop@example.com', 'Shop'))
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
