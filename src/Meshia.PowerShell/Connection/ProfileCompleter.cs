using System.Collections;

namespace Meshia.PowerShell;

/// <summary>Names of the saved profiles.</summary>
internal sealed class ProfileCompleter : Completer
{
    private protected override IEnumerable<Suggestion> Suggest(IDictionary boundParameters) =>
        ConnectionProfileFile.Read().Select(profile => Suggestion.Of(profile.Name, profile.BaseUri.AbsoluteUri, $"key in vault {profile.Vault}"));
}
