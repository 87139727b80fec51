"""Azerbaijani words out of which streets and invented persons are named.

Common vocabulary written for this project: flowers, trees, birds, rivers and
mountains, crafts, well-known dates and poets, everyday given names and
surnames. No name list of any person or register was used.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip().replace("_", " ") for word in text.split(","))


AVENUE_NAMES: Final = _words(
    "Nizami_Gəncəvi, Füzuli, Nəsimi, Xaqani, Vaqif, Natəvan, Məhsəti, Sabir, Azadlıq, İstiqlaliyyət, "
    "Cümhuriyyət, Respublika, Zəfər, Şəhidlər, 28_May, 20_Yanvar, 8_Noyabr, 15_İyun, 18_Oktyabr, 9_May, "
    "Xətai, Cavanşir, Babək, Koroğlu, Dədə_Qorqud, Üzeyir_Hacıbəyli, Qara_Qarayev, Səməd_Vurğun, "
    "Hüseyn_Cavid, Mirzə_Cəlil, Mərkəzi, Bayraq, Dostluq, Sülh, Xəzər, Qarabağ, Neftçilər, İnşaatçılar, "
    "Gənclik, Bakı, Odlar_Yurdu"
)

STREET_WORDS: Final = _words(
    "Nərgiz, Bənövşə, Lalə, Qızılgül, Yasəmən, Zanbaq, Novruzgülü, Qərənfil, Süsən, Reyhan, Çobanyastığı, "
    "Xarıbülbül, Şəbbu, Yovşan, Nanə, Kəklikotu, Çinar, Palıd, Söyüd, Qovaq, Ardıc, Şam_Ağacı, Küknar, "
    "Sərv, Cökə, Vələs, Qarağac, Zeytun, Nar, Ərik, Heyva, Tut, Albalı, Gilas, Şaftalı, Alma, Armud, "
    "Findıqlıq, Qozluq, Püstə, Badam, Üzümlük, Əncir, Zoğal, İydə, Feyxoa, Limonluq, Kür, Araz, Qanıx, "
    "Qabırrı, Həkəri, Tərtər, Xaçın, Gəncəçay, Kürəkçay, Zəyəm, Ağstafaçay, Vəlvələ, Samur, Pirsaat, "
    "Viləşçay, Göygöl, Maralgöl, Şahdağ, Tufandağ, Babadağ, Murovdağ, Qoşqar, Kəpəz, Qapıcıq, Savalan, "
    "Muğan, Mil, Şirvan, Abşeron, Talış, Lənkəran, Zaqatala, Şəki, Quba, Şamaxı, Naxçıvan, Şuşa, Laçın, "
    "Kəlbəcər, Ağdam, Zəngilan, Qubadlı, Xankəndi, Dəmirçi, Misgər, Zərgər, Dulusçu, Xalçaçı, Toxucu, "
    "Papaqçı, Çəkməçi, Dəyirmançı, Bağban, Balıqçı, Dənizçi, Gəmiçi, Çoban, Arıçı, Əkinçi, Bərbər, "
    "Nəccar, Bənna, Xarrat, Sərrac, Şəbəkəçi, Kağızçı, Müəllim, Həkim, Mühəndis, Memar, Rəssam, Bəstəkar, "
    "Xanəndə, Aşıq, Şair, Tarzən, Kamança, Qarmon, Tütək, Balaban, Muğam, Segah, Şur, Çahargah, Rast, "
    "Turac, Kəklik, Bülbül, Qaranquş, Göyərçin, Qartal, Şahin, Durna, Leylək, Qu_Quşu, Qağayı, Ceyran, "
    "Maral, Turaclı, Günəş, Ulduz, Ay_İşığı, Dan_Ulduzu, Səhər, Bahar, Novruz, Yay, Payız, Qış, Xəzri, "
    "Gilavar, Dəniz, Sahil, Dalğa, Körfəz, Ləpədöyən, Mayak, Liman, Yelkən, Lövbər, Mirvari, Mərcan, "
    "Kəhrəba, Firuzə, Yaqut, Zümrüd, Almaz, Gümüş, Qızıl, Mərmər, Bulaq, Çeşmə, Şəlalə, Kəhriz, Hovuz, "
    "Quyu, Dəyirman, Körpü, Karvansara, Bazar, Meydan, Qala, Qəsr, Hasar, Gülüstan, Bağça, Çəmən, "
    "Çəmənzar, Yaylaq, Dərə, Təpə, Yamac, Qaya, Düzən, Qumluq, Məhəbbət, Ümid, Səadət, Vəfa, Sədaqət, "
    "Mərhəmət, Ədalət, Bərəkət, Firavan, Şadlıq, Birlik, Qardaşlıq, Qonşuluq, Vətən, Yurd, Ocaq, Çıraq, "
    "Məşəl, Elm, Təhsil, Mədəniyyət, Kitab, Dəftər, Qələm, İdman, Olimpiya, Teatr, Muzey, Səhiyyə, "
    "Rabitə, Vağzal, 1_May, 1_İyun, 5_İyun, 17_Noyabr, 12_Noyabr, 31_Mart, 14_İyul, 2_Fevral, 21_Mart, "
    "27_Sentyabr"
)

QUALITIES: Final = _words(
    "Yaşıl, Ağ, Göy, Qırmızı, Sarı, Qara, Mavi, Köhnə, Təzə, Yuxarı, Aşağı, Uzun, Dolama, Şirin, Sakit, "
    "Günəşli, Uca, Dərin, Geniş, Daş, Gümüşü, Zərli, Böyük, Kiçik, Qoca, Gözəl, Sərin, İsti, Kölgəli, "
    "Çiçəkli, Parlaq, Əziz"
)

QUALIFIED: Final = _words(
    "Bağ, Çinar, Söyüd, Nar, Tut, Qovaq, Bulaq, Çeşmə, Qala, Körpü, Dərə, Təpə, Yol, Sahil, Dalğa, Qaya, "
    "Daş, Çay, Göl, Quyu, Meydan, Bazar, Dəyirman, Çəmən, Yaylaq, Ulduz, Səhər, Bahar, Liman, Mayak, "
    "Ocaq, Kənd, Məhəllə, Qapı, Pilləkən, Zeytun, Ardıc, Lalə, Qızılgül, Bənövşə, Göyərçin, Qartal, "
    "Ceyran, Alma, Ərik, Palıd, Şam, Eyvan, Hovuz"
)

MALE_NAMES: Final = _words(
    "Əli, Vəli, Həsən, Hüseyn, Məmməd, Əhməd, Mahmud, Rəşad, Elçin, Elnur, Elşən, Orxan, Tural, Turan, "
    "Anar, Emin, Rauf, Rövşən, Rüstəm, Samir, Ramin, Ramil, Vüqar, Vüsal, İlqar, İlham, İsmayıl, İbrahim, "
    "İsa, Musa, Yusif, Yaqub, Kamran, Kamil, Kənan, Fərid, Fuad, Faiq, Nicat, Natiq, Nəriman, Pərviz, "
    "Qurban, Sabir, Səməd, Şahin, Şamil, Tofiq, Ülvi, Xəyal, Zaur, Ziya, Ceyhun, Cavid, Cəlal, Bəhruz, "
    "Araz, Azər, Aqil, Adil"
)

FEMALE_NAMES: Final = _words(
    "Aygün, Aytən, Aysel, Ayşə, Aynur, Afaq, Arzu, Bahar, Cəmilə, Çinarə, Dilarə, Elmira, Esmira, Əsmər, "
    "Fatimə, Fidan, Gülnar, Gülşən, Günel, Günay, Həcər, Humay, İradə, İlahə, Jalə, Kəmalə, Könül, Lalə, "
    "Leyla, Ləman, Mehriban, Məlahət, Mina, Nərgiz, Nigar, Nuray, Nərmin, Pərvanə, Röya, Rəna, Sevda, "
    "Sevinc, Səbinə, Səidə, Şəfəq, Şəbnəm, Tamara, Təranə, Turanə, Ülviyyə, Ülkər, Vəfa, Validə, Xəyalə, "
    "Xumar, Yeganə, Zəhra, Zeynəb, Zərifə, Ziba"
)

# stem and the endings for a man and a woman
SURNAMES: Final = tuple(
    (stem.strip(), man, woman)
    for man, woman, stems in (
        (
            "ov",
            "ova",
            "Həsən,Hüseyn,Məmməd,Əhməd,Rəhim,Kərim,Nəsir,Səlim,Qasım,Rüstəm,Aslan,Bayram,Cəfər,Eyvaz,Fərhad,Heydər,İmam,"
            "Kazım,Mahmud,Novruz,Orduxan,Pənah,Qəhrəman,Rəsul,Salman,Şahbaz,Tahir,Usub,Vahab,Xəlil,Yusub,Zaman",
        ),
        (
            "yev",
            "yeva",
            "Əli,Vəli,Quli,Hacı,Musa,Abdulla,Ağa,Bala,Dadaş,İsa,Mustafa,Nağı,Rza,Səfi,Tağı,Şixəli",
        ),
        ("lı", "lı", "Qara,Baba,Sarı,Dağ,Bağ,Ağca,Xan,Şah,Arpa,Qaya"),
        ("zadə", "zadə", "Hacı,Mirzə,Axund,Kərbəlayı,Molla,Rəsul,Talıb,Usta,Səfər,Şərif,Bədəl,Nuri"),
    )
    for stem in stems.split(",")
)

BANKS: Final = (
    "Köhnə Qala Bank ASC (sintetik)",
    "Mavi Dalğa Bank ASC (sintetik)",
    "Qızıl Sünbül Kredit ASC (sintetik)",
    "Ağ Çinar İpoteka ASC (sintetik)",
    "Üç Bulaq Əmanət ASC (sintetik)",
)
COURT: Final = "Sintetik rayon məhkəməsi"
