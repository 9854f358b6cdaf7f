namespace Meshia.PowerShell;

/// <summary>Where <c>Get-Help -Online</c> leads.</summary>
internal static class HelpAddress
{
    public const string Base = "https://github.com/meshia/Meshia.PowerShell/blob/main/docs/cmdlets/";
}
