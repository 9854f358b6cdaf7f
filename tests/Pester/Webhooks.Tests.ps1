Describe 'Webhooks' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        Start-TestSandbox | Out-Null
    }

    AfterAll { Exit-TestAccount }

    It 'registers a webhook, without showing its secret' {
        $webhook = Register-MeshiaWebhook https://hooks.example/one -Event session.stopped, Experiment.Failed -Secret canary-of-a-secret

        $webhook.Events | Should -Be session.stopped, experiment.failed
        ($webhook, (Get-MeshiaWebhook $webhook.Id) | Format-List * -Force | Out-String) | Should -Not -Match canary
    }

    It 'registers every event' {
        (Register-MeshiaWebhook https://hooks.example/all -AllEvents).Events.Count | Should -Be 8
    }

    It 'refuses <what>' -ForEach @(
        @{ What = 'an address without https'; Uri = 'http://hooks.example/x'; Event = 'session.stopped' }
        @{ What = 'an unknown event'; Uri = 'https://hooks.example/x'; Event = 'session.exploded' }
    ) {
        { Register-MeshiaWebhook $uri $event } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'lists by address' {
        Register-MeshiaWebhook https://elsewhere.example/a session.stopped | Out-Null

        (Get-MeshiaWebhook -Uri https://elsewhere.example/*).Url | Should -Be https://elsewhere.example/a
    }

    It 'unregisters, and says which was not there' {
        $webhook = Register-MeshiaWebhook https://hooks.example/gone session.stopped

        $webhook | Unregister-MeshiaWebhook -WhatIf
        (Get-MeshiaWebhook $webhook.Id).Id | Should -Be $webhook.Id
        $webhook | Unregister-MeshiaWebhook -Confirm:$false
        Get-MeshiaWebhook $webhook.Id -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'webhook_not_found,*'
    }

    It 'receives what the service sends, once its signature is right' {
        $uri = "http://127.0.0.1:$(Get-FreePort)/hook"
        $webhook = Register-MeshiaWebhook $uri session.stopped -GenerateSecret

        # The ping found nobody; the service sends it again.
        $received = Receive-MeshiaWebhook $uri -Secret $webhook.Secret -EventType ping -Count 1 -TimeoutSeconds 60

        $received.EventType | Should -Be ping
        $received.IsVerified | Should -BeTrue
        $webhook | Unregister-MeshiaWebhook -Confirm:$false
    }

    It 'sends a delivery of its own' {
        $uri = "http://127.0.0.1:$(Get-FreePort)/hook"
        $sent = Send-MeshiaWebhook $uri session.stopped -Secret 'the secret' -ErrorVariable failure -ErrorAction SilentlyContinue

        $sent | Should -BeNullOrEmpty -Because 'nobody listens'
        $failure.Count | Should -Be 1
        Send-MeshiaWebhook $uri session.stopped -Secret 'the secret' -WhatIf | Should -BeNullOrEmpty
    }

    It 'takes nothing whose signature is wrong' {
        $uri = "http://127.0.0.1:$(Get-FreePort)/hook"
        $job = Start-Delivery $uri (ConvertTo-SecureString 'another secret' -AsPlainText -Force)
        try {
            $received = Receive-MeshiaWebhook $uri -Secret 'the secret' -Count 1 -TimeoutSeconds 6 -Verbose -ErrorVariable failure -ErrorAction SilentlyContinue 4>&1
        }
        finally { $job | Remove-Job -Force }

        "$received" | Should -Match signature -Because 'a delivery came, and was refused'
        $received | Where-Object { $_ -is [Meshia.WebhookEvent] } | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ReceiveTimedOut,*'
    }

    It 'verifies a delivery of a platform' {
        $body = '{"event":"session.stopped","timestamp":"2026-03-01T12:00:00Z","session_id":"sess_a","data":{}}'
        $delivery = [pscustomobject]@{ RequestBody = $body; RequestHeader = @{ 'X-Meshia-Signature' = Get-Signature $body 'the secret' } }

        ($delivery | ConvertFrom-MeshiaWebhook -Secret 'the secret').SessionId | Should -Be sess_a
        $delivery | ConvertFrom-MeshiaWebhook -Secret 'another secret' -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'invalid_signature,*'
    }

    It 'tells a right signature from a wrong one' {
        $signature = Get-Signature '{}' 'the secret'

        Test-MeshiaWebhookSignature '{}' $signature 'the secret' | Should -BeTrue
        Test-MeshiaWebhookSignature '{}' $signature 'old', 'the secret' | Should -BeTrue
        Test-MeshiaWebhookSignature '{ }' $signature 'the secret' | Should -BeFalse
        Test-MeshiaWebhookSignature '{}' $signature 'old' | Should -BeFalse
    }
}
