"""What columns are called, in English, German, French, Spanish, Dutch and Italian.

All names are folded (months.folded): lower case, no accents, no spaces, no punctuation. A name stands under
one field only; a test holds that.
"""

from enum import StrEnum


class Field(StrEnum):
    """What a row of a reminder file can tell."""

    EXTERNAL_ID = "external_id"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    FULL_NAME = "full_name"
    PHONE = "phone"
    MOBILE = "mobile"
    PHONE_2 = "phone_2"
    EMAIL = "email"
    APPOINTMENT_AT = "appointment_at"
    APPOINTMENT_DATE = "appointment_date"
    APPOINTMENT_TIME = "appointment_time"
    LOCATION_CODE = "location_code"
    LOCATION_NAME = "location_name"
    PROVIDER = "provider"
    APPOINTMENT_TYPE = "appointment_type"
    AMOUNT = "amount"
    DUE_DATE = "due_date"
    LANGUAGE = "language"
    ZONE = "zone"
    COUNTRY = "country"
    PATIENT_ID = "patient_id"
    NOTES = "notes"
    STATUS = "status"


LABELS: dict[Field, str] = {
    Field.EXTERNAL_ID: "Appointment ID",
    Field.GIVEN_NAME: "First name",
    Field.FAMILY_NAME: "Last name",
    Field.FULL_NAME: "Full name",
    Field.PHONE: "Phone",
    Field.MOBILE: "Mobile phone",
    Field.PHONE_2: "Second phone",
    Field.EMAIL: "Email",
    Field.APPOINTMENT_AT: "Appointment date and time",
    Field.APPOINTMENT_DATE: "Appointment date",
    Field.APPOINTMENT_TIME: "Appointment time",
    Field.LOCATION_CODE: "Location code",
    Field.LOCATION_NAME: "Location",
    Field.PROVIDER: "Provider",
    Field.APPOINTMENT_TYPE: "Appointment type",
    Field.AMOUNT: "Amount",
    Field.DUE_DATE: "Due date",
    Field.LANGUAGE: "Language",
    Field.ZONE: "Time zone",
    Field.COUNTRY: "Country",
    Field.PATIENT_ID: "Patient ID",
    Field.NOTES: "Notes",
    Field.STATUS: "Status",
}

_NAMES: dict[Field, str] = {
    Field.EXTERNAL_ID: """apptguid apptid appointmentid appointmentguid appointmentnumber apptno apptnum
        apptnumber appointmentno appointmentref appointmentkey apptkey guid uid uuid externalid bookingid
        bookingref bookingreference bookingnumber reservationid visitid visitnumber encounterid eventid
        reminderid invoiceid invoicenumber invoiceno invoice statementnumber referenceid reference ref id
        terminid terminnummer buchungsnummer rechnungsnummer rechnungsnr idrendezvous numerorendezvous
        numerofacture idcita numerocita numerofactura afspraakid afspraaknummer factuurnummer
        idappuntamento numerofattura""",
    Field.GIVEN_NAME: """firstname givenname first fname forename christianname patfirst patfirstname
        patfname preferredname vorname rufname prenom nombre primernombre voornaam roepnaam nome""",
    Field.FAMILY_NAME: """lastname familyname surname last lname patlast patlastname patlname nachname
        familienname zuname nomdefamille apellido apellidos primerapellido achternaam cognome""",
    Field.FULL_NAME: """name fullname patname patientname clientname contactname customername membername
        petowner recipient recipientname attendee displayname patient kunde kundenname patientenname
        vollname nomcomplet nometprenom nomprenom nompatient nombrecompleto nombreyapellidos
        nombrepaciente paciente volledigenaam naam patientnaam klantnaam nomecompleto nominativo
        nomepaziente paziente nom""",
    Field.PHONE: """phone phonenumber phoneno phone1 tel telephone telephonenumber telno homephone
        homephonenumber homephoneno phonehome hometel hometelephone homenumber primaryphone mainphone
        landline daytimephone dayphone eveningphone patphone contactnumber contactphone number telefon
        telefonnummer telefonnr telefon1 festnetz rufnummer telefonprivat privattelefon telefone telefono
        telefonofijo telefono1 telefonocasa telefoonnummer telefoon telefoonthuis vastnummer
        numerodetelephone telephonefixe telephonedomicile telfixe fixe numeroditelefono telefonofisso""",
    Field.MOBILE: """mobile mobilephone mobilenumber mobileno mobilephonenumber mobiletel cell
        cellphone cellphoneno cellphonenumber cellnumber cellular cellularphone phonecell phonemobile
        textnumber textphone smsnumber smsphone sms patcell patmobile handy handynummer mobil mobiltelefon
        mobilnummer mobilfunk natel portable telephoneportable telephonemobile telportable telmobile
        numeroportable numerodeportable movil telefonomovil telmovil numeromovil celular telefonocelular
        mobiel mobielnummer mobieletelefoon gsm gsmnummer cellulare telefonocellulare numerocellulare""",
    Field.PHONE_2: """phone2 secondphone secondaryphone alternatephone altphone otherphone workphone
        workphonenumber workphoneno phonework worktel worknumber businessphone officephone bizphone phone3
        telefon2 telefongeschaeftlich telefondienstlich dienstlich telefonarbeit telephone2
        telephonetravail telephoneprofessionnel telpro telefono2 telefonotrabajo telefoon2 telefoonwerk
        telefonoufficio telefonolavoro""",
    Field.EMAIL: """email emailaddress emailaddr mail mailaddress emails primaryemail homeemail
        personalemail patemail attendeeemail emailadresse mailadresse epost adressemail adresseemail
        courriel mel correo correoelectronico direcciondecorreo emailadres mailadres postaelettronica
        indirizzoemail indirizzomail""",
    Field.APPOINTMENT_AT: """appointmentdatetime apptdatetime datetime appointmentat appointmentstart
        apptstart startdatetime starttimestamp start startsat startat beginsat scheduledat scheduledfor
        scheduledstart dateandtime appointmentdateandtime appointmentdatetimelocal bookingdatetime
        visitdatetime dtstart terminbeginn beginn terminzeitpunkt zeitpunkt dateetheure dateheure debut
        fechayhora fechahora inicio datumentijd datumtijd dataeora dataora inizio""",
    Field.APPOINTMENT_DATE: """appointmentdate apptdate apptdt appointment appt date dateofappointment appointmentday
        apptday startdate bookingdate visitdate dateofservice servicedate scheduleddate eventdate
        sessiondate termin termindatum datum terminam terminvom daterendezvous daterdv daterv rendezvous
        rdv jour fecha fechacita fechadelacita cita afspraak afspraakdatum datumafspraak data
        dataappuntamento appuntamento giorno""",
    Field.APPOINTMENT_TIME: """appointmenttime appttime appttm time timeofappointment starttime apptstarttime
        bookingtime visittime scheduledtime eventtime hour uhrzeit zeit terminzeit terminuhrzeit startzeit
        heure heurerendezvous heurerdv heurerv heuredebut hora horacita horadelacita horainicio tijd
        afspraaktijd tijdstip starttijd ora oraappuntamento orario orainizio""",
    Field.LOCATION_CODE: """clinicid cliniccode clinicnumber clinicno locationid locationcode locationnumber
        locationno siteid sitecode officeid officecode practiceid practicecode branchid branchcode
        facilityid facilitycode departmentid storeid storenumber storecode shopid standortid standortcode
        standortnummer filialnummer praxisid idclinique codeclinique idsite codesite idclinica
        codigoclinica codigosede vestigingid vestigingsnummer codicesede idsede""",
    Field.LOCATION_NAME: """location locationname clinic clinicname site sitename office officename practice
        practicename branch branchname facility facilityname department store storename shop standort
        standortname praxis praxisname filiale filial klinik clinique cabinet lieu etablissement clinica
        consultorio sede ubicacion sucursal vestiging praktijk locatie kliniek ambulatorio studio luogo""",
    Field.PROVIDER: """provider providercode providerid providername doctor doctorname dr dentist
        dentistname physician physicianname practitioner practitionername clinician therapist hygienist
        stylist staff staffname staffmember employee resource with apptprovider rendering
        renderingprovider arzt behandler behandlername zahnarzt therapeut mitarbeiter medecin docteur
        dentiste praticien doctora medico dentista profesional odontologo behandelaar arts tandarts
        medewerker dottore operatore""",
    Field.APPOINTMENT_TYPE: """appttype appointmenttype visittype visitreason apptreason appointmentreason
        reason reasonforvisit type service servicename servicetype procedure procedures treatment summary
        subject event eventname eventtype title terminart besuchsgrund grund leistung behandlung
        betreff terminname motif typederendezvous typerdv prestation soin objet tipo tipodecita motivo
        servicio tratamiento afspraaktype reden soortafspraak behandeling dienst onderwerp
        tipoappuntamento trattamento prestazione servizio""",
    Field.AMOUNT: """amount amountdue balance balancedue outstandingbalance totaldue total
        invoiceamount patientbalance accountbalance owed amountowed payment price betrag offenerbetrag
        rechnungsbetrag saldo summe montant montantdu solde importe importependiente saldopendiente monto
        bedrag openstaandbedrag factuurbedrag importo importodovuto totale""",
    Field.DUE_DATE: """duedate datedue due paymentdue paymentduedate paymentdate payby invoicedue
        invoiceduedate faelligkeit faelligam falligkeit falligam faelligkeitsdatum falligkeitsdatum
        zahlbarbis dateecheance echeance datelimite fechavencimiento vencimiento fechadevencimiento
        vervaldatum vervaldag datascadenza scadenza""",
    Field.LANGUAGE: """language lang preferredlanguage languagecode locale primarylanguage
        spokenlanguage sprache muttersprache langue idioma lengua taal voorkeurstaal lingua""",
    Field.ZONE: """timezone tz zone tzid tzname timezonename iana zeitzone fuseauhoraire fuseau
        zonahoraria husohorario tijdzone fusoorario""",
    Field.COUNTRY: """country countrycode countryname nation land landeskennzeichen landcode pays
        codepays pais codigopais paese nazione""",
    Field.PATIENT_ID: """patientid patid patientnumber patientno patnum patno patientcode chartnumber
        chartno chart mrn medicalrecordnumber recordnumber clientid clientnumber clientno customerid
        customernumber customerno accountid accountnumber accountno contactid memberid personid
        guarantorid patientennummer patientennr patientenid kundennummer kundennr numeropatient idpatient
        numeroclient idpaciente numeropaciente numerohistoria idcliente patientnummer clientnummer
        klantnummer idpaziente codicepaziente""",
    Field.NOTES: """notes note comment comments remark remarks description details memo
        appointmentnotes apptnotes instructions bemerkung bemerkungen notiz notizen kommentar hinweis
        beschreibung remarque remarques commentaire commentaires notas nota observaciones comentarios
        comentario descripcion opmerking opmerkingen notitie notities omschrijving osservazioni commenti
        descrizione""",
    Field.STATUS: """status apptstatus appointmentstatus state bookingstatus visitstatus
        confirmationstatus appointmentstate terminstatus zustand statut etat estado estatus estadocita
        afspraakstatus toestand stato statoappuntamento""",
}

NAMES: dict[str, Field] = {name: field for field, names in _NAMES.items() for name in names.split()}

_NOISE = """
    patient patients pat pt client customer contact member guest owner person recipient your the of no
    nr num number patienten kunden patiente cliente paciente paziente klant main primary preferred
    default
"""
NOISE = frozenset(_NOISE.split())
"""Words that say whose it is, not what it is: "Patient Home Phone No" is "Home Phone"."""

_NOT_APPOINTMENTS = """
    birth dob dateofb born age geburt gebdat geb naissance nacimiento geboorte nascita created creation
    entered updated modified changed printed export report lastvisit lastappt lastseen previous prior
    booked made completed checkin checkout signed enrolled since lastcontact erstellt geaendert letzter
    letzte dernier derniere creado ultima ultimo laatste aangemaakt creato
"""
NOT_APPOINTMENTS = tuple(_NOT_APPOINTMENTS.split())
"""A date in a column with such a word in its name is never the appointment."""

_NOT_THE_PATIENT = """
    emergency guarantor insurance employer referring referral spouse parent provider doctor dr practice
    clinic office fax location pharmacy notfall versicherung arbeitgeber urgence urgencia noodgeval
    emergenza praxis agent
"""
NOT_THE_PATIENT = tuple(_NOT_THE_PATIENT.split())
"""A phone or email in such a column belongs to somebody else."""

_CANCELLED = """
    cancelled canceled cancel cancelledappointment canx cxl cncl deleted removed void noshow broken
    missed declined rescheduled moved enteredinerror abgesagt storniert geloescht geloscht verschoben
    nichterschienen annule annulee supprime reporte reportee absent cancelada cancelado anulada anulado
    reprogramada reprogramado noasistio afgezegd geannuleerd verplaatst nietverschenen annullato
    annullata cancellato disdetto spostato revoked
"""
CANCELLED = frozenset(_CANCELLED.split())
"""Folded statuses of appointments that will not take place as they stand."""
