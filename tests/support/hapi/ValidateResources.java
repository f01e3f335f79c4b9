import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;

/**
 * Holds FHIR R4 resources against HAPI's validator and the conformance resources of a folder, offline, in one process.
 * Arguments: a file with one resource in each line, then folders of profiles, code systems and value sets.
 * Prints `<line>\t<where>\t<what>` for every error, and `done <count>` at the end.
 */
public class ValidateResources {
  public static void main(String[] args) throws Exception {
    FhirContext context = FhirContext.forR4();
    FhirValidator validator = context.newValidator();
    validator.registerValidatorModule(new FhirInstanceValidator(supportOf(context, args)));
    List<String> lines = Files.readAllLines(Path.of(args[0]));
    for (int line = 0; line < lines.size(); line += 1) {
      for (SingleValidationMessage message : validator.validateWithResult(lines.get(line)).getMessages()) {
        if (message.getSeverity().ordinal() < ResultSeverityEnum.ERROR.ordinal()) continue;
        String words = message.getMessage().replaceAll("\\s+", " ");
        System.out.println(line + "\t" + message.getLocationString() + "\t" + words);
      }
    }
    System.out.println("done " + lines.size());
  }

  private static IValidationSupport supportOf(FhirContext context, String[] args) throws Exception {
    PrePopulatedValidationSupport published = new PrePopulatedValidationSupport(context);
    for (int folder = 1; folder < args.length; folder += 1) {
      try (var files = Files.list(Path.of(args[folder]))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".json")).toList()) {
          IBaseResource resource = context.newJsonParser().parseResource(Files.readString(file));
          published.addResource(resource);
        }
      }
    }
    // SNOMED CT and our own code systems are not at hand: an unknown system is no error.
    UnknownCodeSystemWarningValidationSupport unknown = new UnknownCodeSystemWarningValidationSupport(context);
    unknown.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
    return new ValidationSupportChain(
        published,
        new DefaultProfileValidationSupport(context),
        new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context),
        new SnapshotGeneratingValidationSupport(context),
        unknown);
  }
}
