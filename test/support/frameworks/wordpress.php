<?php
// Owns: sending with real PHPMailer, the mailer of WordPress, by a plugin as docs/frameworks.md has it: its hooks are called as
// wp_mail() calls them. Arguments are a key and a file; it says "sent" or what PHPMailer said.

require '/usr/share/php/libphp-phpmailer/autoload.php';

use PHPMailer\PHPMailer\PHPMailer;

$hooks = [];
function add_action(string $name, callable $hook): void
{
    $GLOBALS['hooks'][$name] = $hook;
}
function add_filter(string $name, callable $hook): void
{
    $GLOBALS['hooks'][$name] = $hook;
}

define('MAILWOK_KEY', $argv[1]);
require $argv[2];

// True: what goes wrong is thrown.
$mail = new PHPMailer(true);
$mail->CharSet = 'UTF-8';
try {
    $mail->setFrom($hooks['wp_mail_from']('wordpress@example.org'), $hooks['wp_mail_from_name']('WordPress'), false);
    $mail->addAddress('you@example.net');
    $mail->Subject = 'Grüße ✓';
    $mail->isHTML();
    $mail->Body = '<p>It works.</p>';
    $mail->AltBody = 'It works.';
    $mail->addCustomHeader('X-MailWok-Tags: welcome');
    $hooks['phpmailer_init']($mail);
    $mail->send();
    echo "sent\n";
} catch (Throwable $error) {
    echo 'error ', strtr($error->getMessage(), "\r\n", '  '), "\n";
}
