using System.Management.Automation;
using System.Security;

namespace Meshia.PowerShell;

/// <summary>
/// Refuses a webhook secret that has a line break or another control character in it, or a space at an end: it came so out
/// of a file or a prompt by mistake, and no signature would ever match.
/// </summary>
internal sealed class ValidateSecretAttribute : ValidateArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        foreach (var secret in arguments switch { SecureString one => [one], IEnumerable<SecureString> several => several, _ => [] })
        {
            var text = SecretText.Reveal(secret);
            if (text.Any(char.IsControl) || text.Trim().Length < text.Length)
                throw StreamRecord.Refusal($"The secret contains a line break or another control character, or begins or ends with a space. Remove it. Get-Content without -Raw reads a line without its line break.");
        }
    }
}
