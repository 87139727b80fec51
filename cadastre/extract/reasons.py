"""Why a verdict is what it is, for programs (code) and for people (three languages)."""

from __future__ import annotations

from dataclasses import dataclass

from cadastre.extract.record import Text3
from cadastre.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code with its sentence."""

    code: str
    text: Text3


class Rejected(InvalidInput):
    """A document fails a check; ``code`` names one of :data:`REASONS`."""

    def __init__(self, code: str) -> None:
        super().__init__(REASONS[code].en or code, code=code)


def reason(code: str) -> Reason:
    """Give the reason of a code."""
    return Reason(code, REASONS[code])


REASONS: dict[str, Text3] = {
    "seal-valid": Text3(
        "Elektron möhür bütövdür və etibarlı sertifikatla qoyulub.",
        "The electronic seal is intact and made with a trusted certificate.",
        "Электронная печать цела и поставлена доверенным сертификатом.",
    ),
    "statement-signed": Text3(
        "Bəyanatın imzası düzgündür.",
        "The signature of the statement is valid.",
        "Подпись выписки верна.",
    ),
    "page-matches": Text3(
        "Çap olunan mətn imzalanmış bəyanatla üst-üstə düşür.",
        "The printed page is exactly what the signed statement says.",
        "Печатный текст в точности соответствует подписанным данным.",
    ),
    "page-text-matches": Text3(
        "Çap olunan mətn imzalanmış bəyanatla üst-üstə düşür (başqa çap proqramı ilə çap olunub).",
        "The printed text is what the signed statement says (it was printed by another engine).",
        "Печатный текст соответствует подписанным данным (напечатан другой программой печати).",
    ),
    "page-not-compared": Text3(
        "Sənəd başqa şablonla çap olunub; çap mətni möhürlə təsdiqlənir, ayrıca müqayisə edilməyib.",
        "Printed with another template version: the seal vouches for the page, it was not printed again.",
        "Напечатано другой версией шаблона: страницу подтверждает печать, повторно она не печаталась.",
    ),
    "historic-state": Text3(
        "Sənəd reyestrin keçmiş vəziyyətini göstərir; bugünkü hüquqları göstərmir.",
        "The document shows a past state of the register; it does not show today's rights.",
        "Документ показывает прошлое состояние реестра; сегодняшние права он не показывает.",
    ),
    "superseded": Text3(
        "Sənəd həqiqidir, lakin verildikdən sonra reyestrdə dəyişiklik olub.",
        "The document is authentic, but the register has changed since.",
        "Документ подлинный, но реестр с тех пор изменился.",
    ),
    "present-not-told": Text3(
        "Arayış göstərilən an üçündür; indi də belə olub-olmadığı yalnız ərizəçiyə, həmin şəxsə və "
        "idarələrə deyilir.",
        "The certificate speaks of the moment that it names; whether it still holds is told only to "
        "whoever applied for it, to the person and to offices.",
        "Справка говорит об указанном моменте; верна ли она сейчас, сообщается только заявителю, "
        "самому лицу и учреждениям.",
    ),
    "not-issued": Text3(
        "İmza bizimdir, lakin reyestrdə belə verilmiş sənəd yoxdur.",
        "The signature is ours, but the register has no record of issuing this document.",
        "Подпись наша, но в реестре нет записи о выдаче этого документа.",
    ),
    "too-large": Text3("Fayl həddən artıq böyükdür.", "The file is too large.", "Файл слишком велик."),
    "empty": Text3("Fayl boşdur.", "The file is empty.", "Файл пуст."),
    "not-a-pdf": Text3("Fayl PDF deyil.", "The file is not a PDF.", "Файл не является PDF."),
    "encrypted": Text3(
        "Fayl şifrələnib; biz şifrəli sənəd vermirik.",
        "The file is encrypted; we never issue encrypted documents.",
        "Файл зашифрован; мы таких документов не выдаём.",
    ),
    "truncated": Text3(
        "Fayl möhürlənmiş sənədin bitdiyi yerdə bitmir: kəsilib, natamam yüklənib və ya ardına əlavə olunub.",
        "The file does not end where the sealed document ends: it was cut or not fully downloaded, or "
        "something was appended.",
        "Файл кончается не там, где опечатанный документ: он обрезан, загружен не полностью или дополнен.",
    ),
    "no-seal": Text3(
        "Faylda elektron möhür yoxdur.",
        "The file carries no electronic seal.",
        "В файле нет электронной печати.",
    ),
    "changed-after-seal": Text3(
        "Möhürdən sonra fayla əlavə edilib.",
        "Something was added to the file after it was sealed.",
        "После опечатывания в файл что-то добавлено.",
    ),
    "seal-malformed": Text3(
        "Elektron möhür zədələnib.", "The electronic seal is damaged.", "Электронная печать повреждена."
    ),
    "seal-broken": Text3(
        "Möhürlənmiş baytlar dəyişdirilib.",
        "The sealed bytes were changed.",
        "Опечатанные байты изменены.",
    ),
    "seal-untrusted": Text3(
        "Möhür bizim sertifikatla qoyulmayıb.",
        "The seal is not made with a certificate of ours.",
        "Печать поставлена не нашим сертификатом.",
    ),
    "certificate-revoked": Text3(
        "Sertifikat möhür qoyulan vaxt ləğv edilmiş idi.",
        "The certificate had been revoked when it was used.",
        "Сертификат был отозван к моменту использования.",
    ),
    "time-stamp-missing": Text3(
        "Möhürün vaxt nişanı çıxarılıb.",
        "The time stamp of the seal has been cut out.",
        "Из печати удалена метка времени.",
    ),
    "time-stamp-broken": Text3(
        "Vaxt nişanı bu möhürə uyğun deyil.",
        "The time stamp does not belong to this seal.",
        "Метка времени не относится к этой печати.",
    ),
    "time-stamp-untrusted": Text3(
        "Vaxt nişanını tanınan xidmət qoymayıb, yaxud sertifikatı qüvvədə olmayıb.",
        "The time stamp is of no service that is trusted here, or its certificate was not in force.",
        "Метка времени поставлена неизвестной службой, либо её сертификат не действовал.",
    ),
    "archive-malformed": Text3(
        "Möhürdən sonrakı arxiv hissəsi bu sistemin formasında deyil.",
        "What follows the seal is not an archive revision of this system.",
        "Часть после печати не является архивной редакцией этой системы.",
    ),
    "seal-out-of-time": Text3(
        "Möhürün sertifikatı verilmə vaxtında qüvvədə olmayıb.",
        "The certificate of the seal was not valid when the document was issued.",
        "Сертификат печати не действовал в момент выдачи.",
    ),
    "structure": Text3(
        "Faylın quruluşu bizim sənədə uyğun deyil.",
        "The file is not built like a document of ours.",
        "Строение файла не соответствует нашему документу.",
    ),
    "attachments": Text3(
        "Əlavələr gözlənilən iki fayl deyil.",
        "The attachments are not the two expected files.",
        "Вложения не те два файла, что должны быть.",
    ),
    "not-canonical": Text3(
        "Bəyanat kanonik JSON deyil.",
        "The statement is not canonical JSON.",
        "Данные не в каноническом JSON.",
    ),
    "unknown-schema": Text3(
        "Bəyanatın sxemi tanınmır.",
        "The schema of the statement is unknown.",
        "Схема данных неизвестна.",
    ),
    "bad-bundle": Text3(
        "JSON-da bəyanat və imza tapılmadı və ya onlar yararsızdır.",
        "The JSON holds no usable statement and signature.",
        "В JSON нет пригодных данных и подписи.",
    ),
    "bundle-mismatch": Text3(
        "JSON-un başlığı imzalanmış bəyanatla uyğun gəlmir.",
        "The envelope says something else than the signed statement.",
        "Оболочка противоречит подписанным данным.",
    ),
    "bad-jws": Text3(
        "Bəyanatın imzası yararsızdır.",
        "The signature of the statement is malformed.",
        "Подпись данных непригодна.",
    ),
    "unknown-key": Text3(
        "Bəyanat tanınmayan açarla imzalanıb.",
        "The statement is signed with a key that is not ours.",
        "Данные подписаны неизвестным ключом.",
    ),
    "jws-mismatch": Text3(
        "İmza bəyanata uyğun gəlmir: məlumat dəyişdirilib.",
        "The signature does not fit the statement: the data were changed.",
        "Подпись не соответствует данным: они изменены.",
    ),
    "page-differs": Text3(
        "Çap olunan səhifə imzalanmış bəyanatdan fərqlənir.",
        "The printed page differs from the signed statement.",
        "Печатная страница отличается от подписанных данных.",
    ),
    "proof-valid": Text3(
        "Bəyanat açıq jurnala daxil edilib və jurnalın sübutu düzgündür.",
        "The statement stands in the public ledger, and the proof of it is valid.",
        "Выписка внесена в публичный журнал, и доказательство этого верно.",
    ),
    "proof-absent": Text3(
        "Sənəd jurnal sübutu daşımır: sübutlardan əvvəl və ya sübut hazır olmamış verilib.",
        "The document carries no proof of the ledger: it was issued before there were proofs, or before "
        "its own was ready.",
        "Документ не несёт доказательства журнала: он выдан до появления доказательств или раньше своего.",
    ),
    "proof-unchecked": Text3(
        "Jurnalın açarları burada tanınmır; sübut yoxlanmayıb.",
        "The keys of the ledger are not known here; the proof was not checked.",
        "Ключи журнала здесь неизвестны; доказательство не проверено.",
    ),
    "proof-malformed": Text3(
        "Jurnal sübutu yararsızdır.",
        "The proof of the ledger is malformed.",
        "Доказательство журнала непригодно.",
    ),
    "proof-other": Text3(
        "Jurnal sübutu başqa sənədə aiddir.",
        "The proof of the ledger is of another document.",
        "Доказательство журнала относится к другому документу.",
    ),
    "proof-wrong": Text3(
        "Jurnal sübutu jurnala aparmır.",
        "The proof does not lead to the ledger.",
        "Доказательство не ведёт к журналу.",
    ),
    "proof-unwitnessed": Text3(
        "Jurnalın bu vəziyyətini kifayət qədər şahid təsdiqləməyib.",
        "Too few witnesses have signed this state of the ledger.",
        "Это состояние журнала подтвердило слишком мало свидетелей.",
    ),
    "issued-in-future": Text3(
        "Sənəd gələcək tarixlidir.",
        "The document is dated in the future.",
        "Документ датирован будущим.",
    ),
    "key-out-of-time": Text3(
        "Bəyanatın açarı verilmə vaxtında qüvvədə olmayıb.",
        "The key of the statement was not valid when the document was issued.",
        "Ключ выписки не действовал в момент выдачи.",
    ),
    "code-malformed": Text3(
        "QR kodunda imzalı məlumat tapılmadı və ya o, yararsızdır.",
        "The QR code holds no usable signed data.",
        "В QR-коде нет пригодных подписанных данных.",
    ),
    "code-mismatch": Text3(
        "QR kodunun imzası və ya məlumatı bu sənədə uyğun gəlmir.",
        "The signature or the data of the QR code do not fit this document.",
        "Подпись или данные QR-кода не соответствуют этому документу.",
    ),
    "code-valid": Text3(
        "QR kodu bizim imzamızladır; nömrəni, sahəni və izi kağızla tutuşdurun.",
        "The QR code is signed by us; compare number, area and digest with the paper.",
        "QR-код подписан нами; сверьте номер, площадь и хеш с бумагой.",
    ),
}
